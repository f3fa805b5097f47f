/** A contract as a table: one line for each endpoint, what becomes of each persona, and which guards stand before it. */
import { refusal } from '../../checks/say.js';
import { type Contract, type Endpoint, type Guard, PERSONAS, type Verdict } from '../../contract/types.js';
import { escapeLine, escapeText } from '../escape.js';
import { count, type Paint, plain } from '../paint.js';

export interface ContractTextOptions {
  chalk?: Paint;
}

export function render(contract: Contract, options: ContractTextOptions = {}): string {
  const paint = options.chalk ?? plain;
  const head = ['METHOD', 'PATH', 'ANONYMOUS', 'SIGNED IN', 'ENTITLED', 'GUARDS'];
  const rows = contract.endpoints.filter(e => !e.implicit).map(e => row(e));
  const widths = head.map((h, i) => Math.min(60, Math.max(h.length, ...rows.map(r => r[i]!.length))));
  const line = (cells: string[]): string => cells.map((c, i) => (i === cells.length - 1 ? c : c.padEnd(widths[i]!))).join('  ');
  const colored = (r: string[]): string => {
    const text = line(r);
    return r[2] === 'admitted' ? paint.yellow(text) : r.slice(2, 5).includes('unknown') ? paint.cyan(text) : text;
  };
  const out = [paint.bold(line(head)), ...rows.map(colored), ''];
  const frameworks = contract.frameworks.map(f => (f.version ? `${f.name} ${f.version}` : f.name)).join(', ');
  const c = contract.coverage;
  const gaps = contract.gaps.length + contract.endpoints.reduce((n, e) => n + e.gaps.length, 0);
  out.push(
    `${contract.side}: ${escapeText(frameworks) || 'no framework found'}; ${c.parsed} of ${count(c.files, 'file')} parsed, ${count(c.endpoints, 'endpoint')}, ${count(c.unresolved, 'route')} not resolved, ${count(gaps, 'gap')}`,
  );
  for (const p of contract.problems) {
    out.push(`${p.severity}: ${escapeText(p.says)}${p.file ? ` (${escapeText(p.file)}${p.line ? `:${p.line}` : ''})` : ''}`);
  }
  return `${out.join('\n')}\n`;
}

function row(e: Endpoint): string[] {
  const guards = e.guards.map(guardText);
  const broken = e.ineffective.map(i => `!${i.name} (${i.reason})`);
  const gaps = e.gaps.some(g => g.hides.includes('guards')) ? ['?'] : [];
  return [e.method, e.path, ...PERSONAS.map(p => cell(e.access[p])), [...guards, ...broken, ...gaps].join(', ') || '-'].map((cell, i) =>
    i === 0 ? escapeLine(cell) : escapeText(cell),
  );
}

const cell = (v: Verdict): string => (v.verdict === 'refused' ? refusal(v) || 'refused' : v.verdict);

/** `user_context [ADMIN]`, an optional one with `?`, an error path's guard with its kind. */
function guardText(g: Guard): string {
  const asks = g.requires.length > 0 ? ` [${g.requires.join(', ')}]` : '';
  return `${g.kind}:${g.name}${g.strength === 'optional' ? '?' : ''}${asks}${g.afterEffect ? ' (too late)' : ''}${g.presenceOnly ? ' (presence only)' : ''}${g.verifies?.signature === false ? ' (signature not verified)' : ''}${g.verifies?.expiry === false ? ' (expiry not verified)' : ''}${g.unless === undefined ? '' : ` (unless ${g.unless} is unset)`}${g.waived === undefined ? '' : ` (unless ${g.waived} is sent)`}`;
}
