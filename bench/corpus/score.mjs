// @ts-check
/** A contract held against labels that somebody made by reading the code: what was found, what was missed, what was made up. */

/**
 * @typedef {import('../../src/contract/types.js').Contract} Contract
 * @typedef {import('../../src/contract/types.js').Endpoint} Endpoint
 * @typedef {'required' | 'optional' | 'none'} Authn
 *
 * @typedef {object} Label one endpoint (docs/corpus.md says what the fields mean)
 * @property {string} method
 * @property {string} path
 * @property {string} file
 * @property {number} line
 * @property {Authn} [authn]
 * @property {readonly unknown[]} [authz]
 * @property {{ status?: number, redirect?: string } | null} [authnFailure]
 * @property {unknown} [ambiguous]
 * @property {readonly Authn[]} [authnAcceptable]
 *
 * @typedef {object} Labels
 * @property {string} app
 * @property {'python' | 'rust'} language
 * @property {string} [root]
 * @property {readonly Label[]} endpoints
 *
 * @typedef {'endpoints' | 'authn' | 'authz' | 'refusals'} Subject
 * @typedef {{ right: number, labelled: number, said: number }} Tally how often both agree, how often the labels speak, how often the contract does
 * @typedef {{ subject: Subject, endpoint: string, says: string, place: string }} Miss
 * @typedef {{ tallies: Record<Subject, Tally>, misses: Miss[] }} Score
 */

/** @type {readonly Subject[]} */
export const SUBJECTS = ['endpoints', 'authn', 'authz', 'refusals'];

/** Methods that frameworks answer by themselves. */
const IMPLIED = new Set(['HEAD', 'OPTIONS']);
const PROTECTS = new Set(['authn', 'authz', 'signature']);

/** Names of parameters and a slash at the end do not matter. @param {string} path */
const template = path =>
  `/${path}`
    .replace(/\/{2,}/g, '/')
    .replace(/\{[^}/]*\}/g, '{}')
    .replace(/(.)\/$/, '$1');
/** @param {{ method: string, path: string }} e */
const key = e => `${e.method.toUpperCase()} ${template(e.path)}`;

/** What a contract says of who has to be signed in. @param {Endpoint} e @returns {Authn | 'unknown'} */
function authnOf(e) {
  const { verdict } = e.access.anonymous;
  if (verdict === 'unknown') return 'unknown';
  const guards = e.guards.filter(g => PROTECTS.has(g.kind));
  if (verdict === 'refused' && guards.some(g => g.strength === 'required')) return 'required';
  if (guards.some(g => g.strength === 'optional')) return 'optional';
  return guards.length > 0 ? 'required' : 'none';
}

/**
 * @param {Contract} contract
 * @param {Labels} labels
 * @returns {Score}
 */
export function score(contract, labels) {
  /** @type {Score} */
  const out = {
    tallies: {
      endpoints: { right: 0, labelled: 0, said: 0 },
      authn: { right: 0, labelled: 0, said: 0 },
      authz: { right: 0, labelled: 0, said: 0 },
      refusals: { right: 0, labelled: 0, said: 0 },
    },
    misses: [],
  };
  /** @type {Map<string, Label>} */
  const wanted = new Map();
  for (const l of labels.endpoints) if (!IMPLIED.has(l.method.toUpperCase()) && !wanted.has(key(l))) wanted.set(key(l), l);
  /** @type {Map<string, Endpoint>} */
  const found = new Map();
  for (const e of contract.endpoints) if (!IMPLIED.has(e.method) && !found.has(key(e))) found.set(key(e), e);

  /** @type {Set<Endpoint>} */
  const used = new Set();
  for (const [k, label] of wanted) {
    const e = found.get(k) ?? found.get(`* ${template(label.path)}`);
    const place = `${label.file}:${label.line}`;
    out.tallies.endpoints.labelled++;
    if (e) {
      used.add(e);
      out.tallies.endpoints.right++;
    } else out.misses.push({ subject: 'endpoints', endpoint: k, says: 'not found', place });
    compare(out, k, label, e, place);
  }
  for (const [k, e] of found) {
    // What a framework adds by itself need not be labelled.
    if (used.has(e) || e.implicit) continue;
    out.tallies.endpoints.said++;
    out.misses.push({ subject: 'endpoints', endpoint: k, says: 'not labelled', place: `${e.location.file}:${e.location.line}` });
  }
  out.tallies.endpoints.said += used.size;
  return out;
}

/** @param {Score} out @param {string} k @param {Label} label @param {Endpoint | undefined} e @param {string} place */
function compare(out, k, label, e, place) {
  const { authn, authz, refusals } = out.tallies;
  /** @param {Subject} subject @param {string} says */
  const miss = (subject, says) => void out.misses.push({ subject, endpoint: k, says, place });
  const want = label.authn ?? 'none';
  const said = e ? authnOf(e) : 'unknown';
  // Where it depends on the configuration, both answers are right.
  const open = said !== want && (label.ambiguous || label.authnAcceptable?.includes(/** @type {Authn} */ (said)));
  if (!open) {
    if (want === 'required') authn.labelled++;
    if (said === 'required') authn.said++;
    if (want === 'required' && said === 'required') authn.right++;
    if (said !== want && e) miss('authn', `labelled ${want}, said ${said}`);
  }

  const roles = (label.authz ?? []).length > 0;
  const asks = e?.guards.some(g => g.kind === 'authz' || g.kind === 'ownership') ?? false;
  if (roles) authz.labelled++;
  if (asks) authz.said++;
  if (roles && asks) authz.right++;
  if (roles !== asks && e) miss('authz', roles ? `labelled ${JSON.stringify(label.authz)}, said nothing` : 'not labelled');

  const { status, redirect } = label.authnFailure ?? {};
  if (want !== 'required' || open || (status === undefined && redirect === undefined)) return;
  refusals.labelled++;
  const answer = e?.access.anonymous;
  if (answer?.verdict !== 'refused' || (answer.status === undefined && answer.redirect === undefined)) {
    if (e) miss('refusals', `labelled ${redirect ?? status}, said nothing`);
    return;
  }
  refusals.said++;
  const right = redirect === undefined ? answer.status === status : (answer.redirect ?? '').includes(redirect);
  if (right) refusals.right++;
  else miss('refusals', `labelled ${redirect ?? status}, said ${answer.redirect ?? answer.status}`);
}

/**
 * Shares in percent, to one decimal; 100 where there was nothing to find (or to say).
 * @param {Tally} t
 * @returns {{ precision: number, recall: number }}
 */
export function shares({ right, labelled, said }) {
  /** @param {number} of */
  const percent = of => (of === 0 ? 100 : Math.floor((1000 * right) / of) / 10);
  return { precision: percent(said), recall: percent(labelled) };
}

/**
 * The shares of one application, as they stand in a file of floors.
 * @param {Score} s
 * @returns {Record<Subject, { precision: number, recall: number }>}
 */
export const summary = s => ({
  endpoints: shares(s.tallies.endpoints),
  authn: shares(s.tallies.authn),
  authz: shares(s.tallies.authz),
  refusals: shares(s.tallies.refusals),
});
