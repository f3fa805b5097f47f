/** The JSON schema of the section `probe` of the configuration (`ProbeSettings`). */
const TEXTS = { type: 'object', additionalProperties: { type: 'string' } };
const REQUEST = { type: 'string', pattern: '^\\s*[A-Za-z]+\\s+/\\S*\\s*$', description: 'a method and a path, such as GET /posts/{id}' };
const CAPTURE = {
  type: 'string',
  pattern: '^(json:(/.*)?|header:.+|cookie:.+|field:.+)$',
  description: 'json:/pointer, header:NAME, cookie:NAME or field:NAME',
};
const PERSONA = { enum: ['anonymous', 'signedIn', 'entitled'] };

const MESSAGE = {
  headers: TEXTS,
  query: TEXTS,
  form: TEXTS,
  files: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'text'],
      properties: { name: { type: 'string' }, text: { type: 'string' } },
    },
  },
  json: {},
  body: { type: 'string' },
};

/** The triggers of a contract. */
const TRIGGERS = [
  ...['credential', 'authz', 'ownership', 'csrf', 'rate-limit', 'origin', 'signature'],
  ...['input', 'existence', 'state', 'conflict', 'other'],
];

const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

const PERSON = {
  headers: TEXTS,
  query: TEXTS,
  form: TEXTS,
  cookies: TEXTS,
  login: {
    type: 'array',
    items: object(
      {
        ...MESSAGE,
        request: REQUEST,
        capture: { type: 'object', additionalProperties: CAPTURE },
      },
      ['request'],
    ),
  },
};
const PERSONA_SETTINGS = object(PERSON);
const INVALID = object({ ...PERSON, expired: { type: 'boolean' } });

const WRONG = object({ ...MESSAGE, parameters: TEXTS });
const LACKING = object(Object.fromEntries(TRIGGERS.map(t => [t, WRONG])));

const SIDE = {
  personas: object({ anonymous: PERSONA_SETTINGS, signedIn: PERSONA_SETTINGS, entitled: PERSONA_SETTINGS }),
  invalid: { type: 'object', additionalProperties: INVALID },
  parameters: TEXTS,
  lacking: LACKING,
  requests: {
    type: 'array',
    items: object(
      {
        ...MESSAGE,
        endpoint: REQUEST,
        personas: { type: 'array', items: PERSONA },
        parameters: TEXTS,
        lacking: LACKING,
        skip: { type: 'string' },
      },
      ['endpoint'],
    ),
  },
};

export const PROBE_SCHEMA = object({ ...SIDE, python: object(SIDE), rust: object(SIDE) });
