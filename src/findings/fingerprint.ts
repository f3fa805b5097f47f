import { createHash } from 'node:crypto';

/**
 * The identity of a finding: 32 hex digits over what it claims, and over nothing that an unrelated edit changes. No line, no file and
 * no message text may enter, or a baseline would lose its entries to a reformatting.
 *
 * @param endpoint key of the endpoint (`METHOD /path/{}`), or `*` for a finding whose one cause covers many
 * @param invariant what about the endpoint does not hold, in the check's own words
 */
export function fingerprint(rule: string, endpoint: string, invariant: string): string {
  return createHash('sha256').update([rule, endpoint, invariant].join('\0')).digest('hex').slice(0, 32);
}
