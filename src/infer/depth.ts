/** How far a value is from the credential that was sent. */
import { atomsOf } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';

/** What takes a text apart or spells it otherwise, and asks nobody about it. */
const SPELLING =
  /^(lower|upper|casefold|l?strip|rstrip|r?split(_once|_whitespace|n|_at)?|splitlines|r?partition|remove(prefix|suffix)|replace|encode|decode|trim(_start|_end)?|strip_(prefix|suffix)|as_str|as_bytes|chars|bytes|lines|iter|into_iter|collect|rev|skip|peekable|nth|next|first|last|to_(ascii_)?(lower|upper)case|title|capitalize|swapcase|count|len|token)$/;

/** How many library calls and member accesses lie between the raw credential and `v`: 0 is the credential itself. */
export function depth(v: Val, guard = 0): number {
  if (guard > 40) return guard;
  // Values share their parts: what was measured once is not walked again.
  let d = depths.get(v);
  if (d === undefined) {
    depths.set(v, 0); // a cycle adds nothing
    depths.set(v, (d = measure(v, guard)));
  }
  return d;
}
const depths = new WeakMap<Val, number>();

function measure(v: Val, guard: number): number {
  switch (v.t) {
    case 'sym':
      return v.principal ? 1 : 0;
    case 'attr': {
      const of = depth(v.of, guard + 1);
      // What a wrapper holds that only names its type (`TypedHeader(Authorization(bearer))`) is still what was sent.
      return of === 0 && /^\d+$/.test(v.name) && isTyped(v.of) ? 0 : of + 1;
    }
    case 'item': {
      const of = depth(v.of, guard + 1);
      // The second word of a header is still what was sent; a named claim is not.
      const part = of === 0 && isPlace(v.key);
      return of + (prov(v.of) & Prov.Credential && !part ? 1 : 0);
    }
    case 'op':
      // A number that is read from it is somebody's.
      return Math.max(0, ...v.args.filter(x => prov(x) & Prov.Credential).map(x => depth(x, guard + 1))) + (v.op === 'parse' ? 1 : 0);
    case 'call': {
      const inner = [
        ...(v.recv ? [v.recv] : []),
        ...(v.fn && v.fn.t !== 'ext' && v.fn.t !== 'attr' ? [v.fn] : []),
        ...v.args.pos,
        ...v.args.kw.values(),
        ...(v.args.rest ? [v.args.rest] : []),
      ].filter(x => prov(x) & Prov.Credential);
      // Another spelling of the same text is still the credential; what something else makes of it (`tokens.decode(it)`) is not.
      const alone = v.recv !== undefined && inner.length === 1 && inner[0] === v.recv;
      const first = v.args.pos[0];
      const same = (alone && (SPELLING.test(v.name) || (v.name === 'get' && first && isPlace(first)))) || v.reads === 'spelling';
      return Math.max(0, ...inner.map(x => depth(x, guard + 1))) + (same ? 0 : 1);
    }
    case 'bool':
      return Math.max(
        0,
        ...atomsOf(v.f)
          .flatMap(a => a.args)
          .filter(x => prov(x) & Prov.Credential)
          .map(x => depth(x, guard + 1)),
      );
    case 'variant':
    case 'obj':
      return Math.max(0, ...[...v.fields.values()].filter(x => prov(x) & Prov.Credential).map(x => depth(x, guard + 1)));
    case 'phi':
      return Math.max(depth(v.a, guard + 1), depth(v.b, guard + 1));
    case 'seq':
      return Math.max(0, ...[...v.items, ...(v.rest ? [v.rest] : [])].filter(x => prov(x) & Prov.Credential).map(x => depth(x, guard + 1)));
    default:
      return 0;
  }
}

/** Does it say which part of a text is meant, by where that stands? */
const isPlace = (key: Val): boolean => (key.t === 'const' && typeof key.v === 'number') || (key.t === 'op' && key.op === 'slice');

/** Is a text read as something else, or a model made of what was sent, and nothing looked up? */
export const isConversion = (v: Val): boolean =>
  (v.t === 'op' && (v.op === 'int' || v.op === 'float' || v.op === 'parse')) ||
  (v.t === 'call' && v.fn?.t === 'class') ||
  (v.t === 'call' && v.recv === undefined && v.args.pos.length === 1 && /::((try_)?parse(_str)?|from_str)$/.test(v.path));

/** A header that the framework reads into a type of its own, or a part of one. */
const isTyped = (v: Val): boolean => (v.t === 'sym' ? v.typed === true : v.t === 'attr' && isTyped(v.of));

/** A part of what was sent, told by the text that stands around it (`strip_prefix("Bearer ")`). */
export const isCut = (v: Val): boolean =>
  v.t === 'op' && depth(v) === 0 && (/^strip_(pre|suf)fix$/.test(v.op) || (v.op === 'ok' && v.args[0] !== undefined && isCut(v.args[0])));

/** The credential as it was sent, or the text that stands in it. */
export function isTextSent(v: Val): boolean {
  let x: Val | undefined = v;
  while (x && x.t !== 'sym') x = x.t === 'call' ? x.recv : x.t === 'item' ? x.of : x.t === 'op' ? x.args[0] : undefined;
  return x?.sent === true && (prov(x) & Prov.Credential) !== 0 && depth(v) === 0;
}

/** A header that was asked for by its name, not what a framework says of the request by one (`request.is_json`). */
export const isHeader = (v: Val): boolean => depth(v) === 0 && !(v.t === 'sym' && v.name === v.path);

/** Where the same is made of both (`Key::from(sent).id == Key::from(kept).id`), what it is made of in `a`. */
export function unmade(a: Val, b: Val): Val {
  const of = (v: Val): Val | undefined =>
    v.t === 'attr' ? v.of : v.t === 'op' && v.args.length === 1 ? v.args[0] : v.t === 'call' ? (v.recv ?? v.args.pos[0]) : undefined;
  const step = (v: Val): string => (v.t === 'op' ? v.op : v.t === 'attr' || v.t === 'call' ? v.name : '');
  let [x, y] = [a, b];
  for (let i = 0; i < STEPS; i++) {
    const [nx, ny] = [of(x), of(y)];
    if (!nx || !ny || x.t !== y.t || step(x) !== step(y)) break;
    [x, y] = [nx, ny];
  }
  return x;
}

/** So much is made of a key before it is compared. */
const STEPS = 12;
