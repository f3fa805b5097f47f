/** The examples of the checks' pages are run: the faulty port gets that one finding where its fault stands, the correct port none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checks } from '../../src/checks/index.js';
import type { CheckResult } from '../../src/findings/types.js';
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

/** What is found in each faulty port: how grave, at which endpoint, and the line of the port that is pointed at first. */
const FOUND: Record<string, string> = {
  'access-tightened': 'warning GET /posts/{id} 24: let token = parts.headers.get("authorization")',
  'duplicate-route': 'warning POST /posts/{id}/delete 57: .route("/posts/{id}/delete/", post(delete_post_slash))',
  'effect-before-guard': 'error POST /posts/{id}/delete 37: .execute(&app.db)',
  'endpoint-extra': 'warning POST /reset 22: async fn reset(',
  'endpoint-missing': 'warning GET /posts/{id}/history',
  'guard-ineffective': 'error POST /posts/{id}/delete 44: .layer(from_fn_with_state(state.clone(), require_user))',
  'guard-missing': 'error POST /posts/{id}/delete 14: async fn delete_post(',
  'guard-repeated-inline': 'note POST /files/{id}/delete 15: let token = headers.get("authorization")',
  'guard-weakened': 'error POST /posts/{id}/delete 34: async fn delete_post(',
  'method-widened': 'warning POST /posts/{id}/delete 47: .route("/posts/{id}/delete", any(delete_post))',
  'outcome-changed': 'warning GET /posts/{id} 20: body.ok_or(StatusCode::UNPROCESSABLE_ENTITY)',
  'outcome-missing': 'warning GET /posts/{id} 14: async fn show_post(',
  'refusal-changed': 'warning POST /posts/{id}/delete 24: let token = parts.headers.get("authorization")',
  'requirement-renamed': 'note POST /posts/{id}/delete 36: return Err(StatusCode::FORBIDDEN);',
  'stub-handler': 'error POST /posts/{id}/delete 3: async fn delete_post()',
  unverified: 'warning POST /posts/{id}/delete 29: .layer(protect!())',
};

/** Lines of the manifests, for what the examples import. */
const PYTHON: Record<string, string> = { flask: 'Flask==3.1.0' };
const RUST: Record<string, string> = {
  axum: 'axum = "0.8"',
  internal_auth: 'internal-auth = "1"',
  sqlx: 'sqlx = { version = "0.8", features = ["runtime-tokio", "sqlite"] }',
  tokio: 'tokio = { version = "1", features = ["full"] }',
};

/** Neither needs a row: the standard library, and the reader's own models. */
const OWN = ['functools', 'models'];

afterAll(removeTrees);

describe.each(checks.map(c => c.meta.id))('%s', id => {
  const [original, faulty, correct] = examples(id);

  test('the faulty port gets this finding and no other', async () => {
    const result = await run(original!, faulty!);
    expect(result.findings.map(f => f.rule)).toEqual([id]);
    expect(result.findings.map(f => f.verdict)).toEqual([id === 'unverified' ? 'cannot-tell' : 'differs']);
    const { severity, endpoint, rust } = result.findings[0]!;
    const line = rust[0] ? ` ${rust[0].line}: ${faulty!.split('\n')[rust[0].line - 1]!.trim()}` : '';
    expect(`${severity} ${endpoint.method} ${endpoint.path}${line}`.slice(0, FOUND[id]!.length)).toBe(FOUND[id]);
    expect(reading(result)).toEqual(['flask 3.1.0', 0, 'axum 0.8', id === 'unverified' ? 1 : 0]);
  });

  test('the correct port gets none, and all of both sides is understood', async () => {
    const result = await run(original!, correct!);
    expect(result.findings).toEqual([]);
    const endpoints = result.python.endpoints.filter(e => !e.implicit);
    expect(result.pairs.map(p => p.verdict)).toEqual(endpoints.map(() => 'same'));
    expect(reading(result)).toEqual(['flask 3.1.0', 0, 'axum 0.8', 0]);
  });
});

test('every check is listed', () => {
  expect(Object.keys(FOUND)).toEqual(checks.map(c => c.meta.id).sort());
});

/** The original, the faulty and the correct port of a page. */
function examples(id: string): string[] {
  const page = readFileSync(`src/checks/${id}/doc.md`, 'utf8');
  return [...page.matchAll(/^```(?:python|rust)\n([\s\S]*?)^```$/gm)].map(m => m[1]!);
}

function run(python: string, rust: string): Promise<CheckResult> {
  const root = tree({
    'python/app.py': python,
    'python/requirements.txt': dependencies(python, /^from (\w+)/gm, PYTHON),
    'rust/src/main.rs': rust,
    'rust/Cargo.toml': `[package]
name = "port"
version = "0.1.0"
edition = "2021"

[dependencies]
${dependencies(rust, /^(?:use |#\[)(\w+)::/gm, RUST)}`,
  });
  return check(join(root, 'python'), join(root, 'rust'));
}

/** The rows for what code imports; an import without a row is a fault of this file. */
function dependencies(code: string, imported: RegExp, rows: Record<string, string>): string {
  const names = new Set([...code.matchAll(imported)].map(m => m[1]!).filter(name => !OWN.includes(name)));
  expect([...names].filter(name => !(name in rows))).toEqual([]);
  return [...names].map(name => `${rows[name]}\n`).join('');
}

/** What each side was taken for, and how much of it was not understood. */
function reading({ problems, summary: { python, rust } }: CheckResult): unknown[] {
  expect(problems).toEqual([]);
  return [python, rust].flatMap(side => [side.frameworks.join(), side.gaps + side.unresolved]);
}
