/** The report of a probe for people: each finding with what the answers say, answers that parity did not expect, and a summary. */
import { refusal, verdict } from '../../checks/say.js';
import type { Probed, Severity } from '../../findings/types.js';
import { answered } from '../../probe/judge.js';
import type { Cell, ProbedFinding, ProbeResults } from '../../probe/types.js';
import { escapeText } from '../escape.js';
import { count, type Paint, plain } from '../paint.js';

const ORDER: readonly Probed['verdict'][] = ['confirmed', 'refuted', 'untried'];
const COLOR: Record<Severity, 'red' | 'yellow' | 'cyan'> = { error: 'red', warning: 'yellow', note: 'cyan' };
const WORD: Record<Probed['verdict'], string> = { confirmed: 'confirmed', refuted: 'refuted', untried: 'not tried' };

/** Text with `\n` line ends and one at the end. */
export function render(results: ProbeResults, options: { chalk?: Paint } = {}): string {
  const paint = options.chalk ?? plain;
  const lines = ORDER.flatMap(v => results.findings.filter(f => f.verdict === v)).flatMap(f => finding(f, paint));
  const wrong = results.cells.filter(c => c.agrees === false);
  if (wrong.length > 0) lines.push('', `${paint.bold(count(wrong.length, 'answer'))} other than parity says:`, ...wrong.map(cell));
  const s = results.summary;
  lines.push(
    ...(lines.length > 0 ? [''] : []),
    `${paint.bold(count(results.findings.length, 'finding'))}: ${s.confirmed} confirmed, ${s.refuted} refuted, ${s.untried} not tried`,
    `${paint.bold(count(results.requests, 'request'))}: ${count(s.agree, 'answer')} as parity says, ${s.differ} otherwise, ${s.unclear} that ${s.unclear === 1 ? 'decides' : 'decide'} nothing`,
  );
  return `${lines.join('\n')}\n`;
}

function finding(f: ProbedFinding, paint: Paint): string[] {
  const color = paint[COLOR[f.severity]];
  const where = escapeText(`${f.endpoint.method} ${f.endpoint.path}`);
  return [`${paint.bold(WORD[f.verdict])}: ${color(`${f.severity}[${escapeText(f.rule)}]`)} ${where}`, `  ${escapeText(f.says)}`];
}

function cell(c: Cell): string {
  const claim = c.claim ? (c.claim.verdict === 'refused' ? `refused${how(refusal(c.claim))}` : verdict(c.claim)) : 'unknown';
  return `  ${c.side} ${escapeText(c.request ?? '')} as ${c.persona}${c.invalid === undefined ? '' : ` with ${escapeText(c.invalid)}`} ${escapeText(answered(c.answer ?? { error: 'not asked' }))}; parity says ${escapeText(claim)}`;
}

const how = (text: string): string => (text ? ` with ${text}` : '');
