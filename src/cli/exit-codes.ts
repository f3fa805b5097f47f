/** What the process's exit code says; part of the public interface. */
export const EXIT = {
  /** Nothing at or above `--fail-on`. */
  ok: 0,
  /** Findings at or above `--fail-on`. */
  findings: 1,
  /** Wrong use, a wrong configuration, or an error in parity itself. */
  usage: 2,
  /** The answer cannot be trusted: a side without endpoints, unreadable sources, or, under `--strict`, gaps or sources read in part. */
  untrusted: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong use: its message is shown as it stands, and the process ends with `EXIT.usage`. */
export class UsageError extends Error {
  override name = 'UsageError';
}
