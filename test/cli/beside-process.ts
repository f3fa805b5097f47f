/** Checks a pair and tells all about it as JSON; for `beside.test.ts`. The argument: from how much code on threads are used. */
import { render } from '../../src/report/json/index.js';
import { check } from '../../src/run.js';

const app = 'fixtures/apps/helpdesk';
const heard = new Set<string>();
const { timings, ...result } = await check(`${app}/python`, `${app}/rust-faulty`, {
  beside: Number(process.argv[2]),
  report: (side, doing) => heard.add(`${side}: ${doing}`),
});
process.stdout.write(JSON.stringify({ report: render(result), heard: [...heard].sort(), stages: Object.keys(timings ?? {}) }));
