/** What went wrong or was left out, as notifications of the run, each with a descriptor. */
import type { CheckResult, SideProblem } from '../../findings/types.js';
import { escapeText } from '../escape.js';
import { artifact, type Roots } from './uri.js';

const CUT = 'findings-cut';

const text = (code: string): string =>
  code === CUT ? 'More findings than a viewer shows' : `Reported by the analysis: ${code.replaceAll('-', ' ')}`;

const codes = (result: CheckResult): string[] => [...new Set([...result.problems.map(p => p.code), CUT])].sort();

/** Descriptors of all notifications that this run may hold. */
export function descriptors(result: CheckResult) {
  return codes(result).map(id => ({
    id,
    shortDescription: { text: text(id) },
    fullDescription: { text: `${text(id)}.` },
    help: { text: 'What a notification speaks of is not covered by the results, or covered in part.' },
  }));
}

/** @param cut how many findings were left out */
export function notifications(result: CheckResult, roots: Roots | undefined, cut: number) {
  const ids = codes(result);
  const descriptor = (id: string) => ({ id, index: ids.indexOf(id) });
  const place = (p: SideProblem) =>
    p.file === undefined || (p.side === 'python' && roots !== undefined && roots.python === undefined)
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: artifact(p.file, p.side ?? 'rust', roots),
                ...(p.line && p.line > 0 ? { region: { startLine: p.line } } : {}),
              },
            },
          ],
        };
  const all = result.problems.slice(0, 1000).map(p => ({
    descriptor: descriptor(p.code),
    level: p.severity,
    message: { text: escapeText(p.says).replaceAll('](', '] (') },
    ...place(p),
  }));
  if (cut === 0) return all;
  return [
    ...all,
    { descriptor: descriptor(CUT), level: 'warning' as const, message: { text: `${cut} findings of the least severity were left out` } },
  ];
}
