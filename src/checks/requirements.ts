/**
 * Compares what guards ask for (roles, permissions, scopes) across two languages. A requirement is a set of alternatives; a guard
 * asks for several of them at once. `UserPermission.ADMIN`, `Permission::Admin`, `role:admin`,
 * `is_admin` and `admin` are one word.
 */
import type { Guard } from '../contract/types.js';
import type { Pair } from '../match/types.js';

/** One word per requirement: path of the enum and separators dropped, lower-case. */
export function normalizeRequirement(text: string): string {
  let s = text.trim().replace(/^["'`]+|["'`]+$/g, '');
  if (s.startsWith('!')) return `!${normalizeRequirement(s.slice(1))}`;
  s = s.replace(/^(?:has_?)?(?:roles?|permissions?|perms?|scopes?)\s*[:=]+(?!:)\s*/i, '');
  if (s.includes('::')) s = s.slice(s.lastIndexOf('::') + 2);
  else {
    const parts = s.split('.');
    // `models.UserPermission.ADMIN` is an enum's member; the scope `articles.write` is a word with a dot in it.
    if (parts.length > 1 && /^[A-Z][A-Za-z0-9]*$/.test(parts.at(-2)!))
      s = parts.at(-1) === 'value' || parts.at(-1) === 'name' ? parts.at(-2)! : parts.at(-1)!;
    else if (parts.length > 2 && (parts.at(-1) === 'value' || parts.at(-1) === 'name')) s = parts.at(-2)!;
  }
  // To be it, and whether one is.
  s = s.replace(/^is(?:_|(?=[A-Z]))/, '');
  const word = s.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  return word === '' ? s : word;
}

/** Alternatives of one requirement, normalised and sorted. */
export function alternatives(requirement: string): string[] {
  return [...new Set(requirement.split('|').map(normalizeRequirement))].filter(Boolean).sort();
}

/** All that must hold, each with its alternatives, the original text kept for messages. */
export interface Requirement {
  text: string;
  any: string[];
}

export function requirementsOf(guards: readonly Guard[]): Requirement[] {
  const seen = new Map<string, Requirement>();
  for (const g of guards) {
    for (const text of g.requires) {
      const any = alternatives(text);
      if (any.length > 0 && !seen.has(any.join('|'))) seen.set(any.join('|'), { text, any });
    }
  }
  return [...seen.values()];
}

/** Words of the original and the word that the port consistently uses instead. */
export type Vocabulary = ReadonlyMap<string, string>;

export interface Weakening {
  how: 'lost' | 'replaced' | 'widened';
  wanted: Requirement;
  /** What the port asks for instead. */
  got: Requirement[];
}

/** The requirements of the original that nothing in the port implies. Asking for less than all alternatives is stricter, and implies. */
export function weakenings(python: readonly Requirement[], rust: readonly Requirement[], words: Vocabulary): Weakening[] {
  const out: Weakening[] = [];
  for (const wanted of python) {
    const any = new Set(wanted.any.flatMap(w => (words.has(w) ? [w, words.get(w)!] : [w])));
    if (rust.some(r => r.any.every(w => any.has(w)))) continue;
    const near = rust.filter(r => r.any.some(w => any.has(w)));
    // What another requirement of the original explains is not a replacement for this one.
    const unexplained = rust.filter(
      r => !python.some(p => p !== wanted && r.any.every(w => p.any.includes(w) || p.any.some(v => words.get(v) === w))),
    );
    if (near.length > 0) out.push({ how: 'widened', wanted, got: near });
    else out.push(unexplained.length > 0 ? { how: 'replaced', wanted, got: unexplained } : { how: 'lost', wanted, got: [] });
  }
  return out;
}

/**
 * Finds words that were renamed everywhere: the original's word is nowhere in the port, the port's word nowhere in the original, and
 * on at least two endpoints the one stands where the other stood, without exception. A role that was exchanged for another one of the
 * original's own roles is therefore never taken for a new name.
 */
export function learnVocabulary(pairs: readonly Pair[], python: (p: Pair) => Guard[], rust: (p: Pair) => Guard[]): Vocabulary {
  const left = pairs.map(p => requirementsOf(python(p)));
  const right = pairs.map(p => requirementsOf(rust(p)));
  const known = (all: Requirement[][]): Set<string> => new Set(all.flat().flatMap(r => r.any));
  const pythonWords = known(left);
  const rustWords = known(right);
  const votes = new Map<string, Map<string, Set<string>>>();
  for (const [i, pair] of pairs.entries()) {
    // Not to have a role is no other name for having it.
    const word = (r: Requirement): boolean => r.any.length === 1 && !r.any[0]!.startsWith('!');
    const ours = left[i]!.filter(p => word(p) && !rustWords.has(p.any[0]!));
    const theirs = right[i]!.filter(r => word(r) && !pythonWords.has(r.any[0]!));
    if (ours.length !== 1 || theirs.length !== 1) {
      for (const p of ours) vote(votes, p.any[0]!, '', pair.key);
      continue;
    }
    vote(votes, ours[0]!.any[0]!, theirs[0]!.any[0]!, pair.key);
  }
  const words = new Map<string, string>();
  const taken = new Map<string, number>();
  for (const [from, to] of votes) {
    const [only] = [...to];
    if (to.size !== 1 || !only || only[0] === '' || only[1].size < 2) continue;
    words.set(from, only[0]);
    taken.set(only[0], (taken.get(only[0]) ?? 0) + 1);
  }
  // Two words of the original that fall together in the port are a loss, not a renaming.
  for (const [from, to] of [...words]) if ((taken.get(to) ?? 0) > 1) words.delete(from);
  return words;
}

function vote(votes: Map<string, Map<string, Set<string>>>, from: string, to: string, key: string): void {
  const by = votes.get(from) ?? new Map<string, Set<string>>();
  by.set(to, (by.get(to) ?? new Set()).add(key));
  votes.set(from, by);
}
