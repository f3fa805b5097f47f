/** What semgrep takes to find the routes alone, where it is installed (in the PATH, or where SEMGREP says). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const handler = (decorator, name) => `@$APP.${decorator}(...)\n${name} $F(...): ...`;
const attribute = method => `#[${method}(...)]\nasync fn $F(...) -> $T { ... }`;

/** Patterns that match registrations of routes; JSON is YAML. */
const RULES = {
  rules: [
    {
      id: 'python-route',
      languages: ['python'],
      severity: 'INFO',
      message: 'route',
      'pattern-either': ['route', 'get', 'post', 'put', 'patch', 'delete'].map(d => ({ pattern: handler(d, 'def') })),
    },
    { id: 'axum-route', languages: ['rust'], severity: 'INFO', message: 'route', pattern: '$ROUTER.route($PATH, ...)' },
    {
      id: 'actix-route',
      languages: ['rust'],
      severity: 'INFO',
      message: 'route',
      'pattern-either': ['get', 'post', 'put', 'patch', 'delete'].map(m => ({ pattern: attribute(m) })),
    },
  ],
};

/** @returns one line */
export function semgrep(python, rust) {
  const program = process.env.SEMGREP ?? 'semgrep';
  const env = { ...process.env, SEMGREP_SEND_METRICS: 'off', SEMGREP_ENABLE_VERSION_CHECK: '0' };
  const version = spawnSync(program, ['--version'], { encoding: 'utf8', env });
  if (version.status !== 0) return 'semgrep is not installed (SEMGREP=path/to/semgrep); not compared';
  const folder = mkdtempSync(join(tmpdir(), 'parity-semgrep-'));
  try {
    const rules = join(folder, 'rules.json');
    writeFileSync(rules, JSON.stringify(RULES));
    const args = ['scan', '--config', rules, '--metrics', 'off', '--disable-version-check', '--jobs', '1', '--json', python, rust];
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env, maxBuffer: 1 << 30 });
    const time = performance.now() - start;
    if (status !== 0) return `semgrep failed: ${stderr.trim().split('\n').at(-1)}`;
    const found = JSON.parse(stdout).results.length;
    return `semgrep ${version.stdout.trim()}, ${RULES.rules.length} rules for routes, one job: ${(time / 1000).toFixed(1)} s, ${found} matches`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
