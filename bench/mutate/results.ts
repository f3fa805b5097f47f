/** The stored results of a whole run, the known defects, and the table that is made of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const RESULTS = file('results.json');
const README = file('../../README.md');

export interface PairResults {
  /** `FastAPI → axum`. */
  frameworks: string;
  /** Findings on the pair as it stands. */
  falseAlarms: number;
  /** Mutants that are proved to lose nothing, and how many of them were reported nevertheless. */
  equivalent: { made: number; reported: number };
  /** Killed and made, by operator. */
  operators: Record<string, { killed: number; made: number }>;
  /** What was not reported as it should be, by the mutant's id. */
  survivors: Record<string, { missed: string[]; wrong: string[] }>;
}

export type Results = Record<string, PairResults>;

/** Why mutants survive; `*` at the end of an id stands for anything. */
export interface Defect {
  why: string;
  mutants: string[];
}

export const readResults = (): Results => JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
export const readDefects = (): Defect[] => JSON.parse(readFileSync(file('defects.json'), 'utf8')) as Defect[];
export const isOf = (d: Defect, pair: string, id: string): boolean =>
  d.mutants.some(m => (m.endsWith('*') ? `${pair}: ${id}`.startsWith(m.slice(0, -1)) : `${pair}: ${id}` === m));

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
const percent = (killed: number, made: number): string =>
  killed === made ? '100 %' : `${Math.min(99.9, Math.floor((killed / made) * 1000) / 10).toFixed(1)} %`;

/** The table of the first page, in Markdown. */
export function table(results: Results, titles: readonly { name: string; title: string }[]): string {
  const pairs = Object.values(results);
  const cell = (n: { killed: number; made: number } | undefined): string => (n ? `${n.killed}/${n.made}` : '');
  const total = (p: PairResults) => ({
    killed: sum(Object.values(p.operators).map(o => o.killed)),
    made: sum(Object.values(p.operators).map(o => o.made)),
  });
  const rows = titles
    .filter(o => pairs.some(p => p.operators[o.name]))
    .map(o => {
      const of = pairs.flatMap(p => p.operators[o.name] ?? []);
      const recall = percent(sum(of.map(n => n.killed)), sum(of.map(n => n.made)));
      return `| \`${o.name}\`: ${o.title.replaceAll('|', '\\|')} | ${pairs.map(p => cell(p.operators[o.name])).join(' | ')} | ${recall} |`;
    });
  const all = pairs.map(total);
  const recall = percent(sum(all.map(n => n.killed)), sum(all.map(n => n.made)));
  return [
    `| operator | ${pairs.map(p => p.frameworks).join(' | ')} | recall |`,
    `|---|${pairs.map(() => '--:|').join('')}--:|`,
    ...rows,
    `| **all** | ${all.map(n => `**${cell(n)}**`).join(' | ')} | **${recall}** |`,
    `| false alarms on the clean pair | ${pairs.map(p => p.falseAlarms).join(' | ')} | |`,
    `| reported though proved to lose nothing | ${pairs.map(p => cell({ killed: p.equivalent.reported, made: p.equivalent.made })).join(' | ')} | |`,
  ].join('\n');
}

const BEGIN = '<!-- mutations: made by `npm run mutate` -->';
const END = '<!-- end of mutations -->';

/** What stands between the markers of the first page. */
export function tableInReadme(): string {
  const readme = readFileSync(README, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('README.md has no markers for the table of mutations');
  return readme.slice(begin + BEGIN.length, end).trim();
}

export function store(results: Results, titles: readonly { name: string; title: string }[]): void {
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  const readme = readFileSync(README, 'utf8');
  const body = `${BEGIN}\n${table(results, titles)}\n`;
  writeFileSync(README, readme.slice(0, readme.indexOf(BEGIN)) + body + readme.slice(readme.indexOf(END)));
}
