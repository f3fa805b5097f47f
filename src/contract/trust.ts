/** How far a contract is to be trusted. */
import type { Problem } from './types.js';

/**
 * Of how many files less was read than is there: what could not be parsed, links that were not followed, a manifest that is not well-formed.
 * Text in another encoding was read.
 */
export const readInPart = (problems: readonly Problem[]): number =>
  new Set(problems.filter(p => p.severity === 'warning' && p.code !== 'encoding').flatMap(p => p.file ?? [])).size;
