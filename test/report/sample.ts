/** One result that has something of everything, with sources. */
import { compare } from '../../src/checks/compare.js';
import type { CheckResult } from '../../src/findings/types.js';
import { authn, authz, broken, contract, effect, gap, outcome } from '../checks/builder.js';

const PY = [
  'from flask import Flask',
  'app = Flask(__name__)',
  '',
  '@app.post("/blog/<int:id>/delete")',
  '@login_required',
  'def delete_blog(id):',
  '    Blog.get(id).delete()',
  '',
].join('\n');
const RS = [
  'use axum::Router;',
  '',
  'pub async fn delete_blog(Path(id): Path<i64>) -> StatusCode {',
  '\tdelete(id).await;',
  '    StatusCode::OK',
  '}',
  '',
].join('\n');

export function sample(): CheckResult {
  const guards = [
    authn('login_required', { location: { file: 'app.py', line: 5, column: 1 }, rejects: [{ status: 302, redirect: '/login' }], order: 1 }),
  ];
  const layer = [broken('authn', 'layer-order', 'require_auth', 1)].map(i => ({
    ...i,
    location: { file: 'src/main.rs', line: 1, column: 1 },
  }));
  const many = Array.from({ length: 10 }, (_, i) => `GET /admin/${i}`);
  const python = contract(
    'python',
    {
      'POST /blog/{id}/delete': { guards, handler: 'app.delete_blog', location: { file: 'app.py', line: 6 }, effects: [effect('delete')] },
      ...Object.fromEntries(many.map(n => [n, { guards }])),
      'GET /unclear': { guards: [authz(['ADMIN'], { location: { file: 'app.py', line: 5 } })] },
      'GET /gone': {},
      'GET /status': { outcomes: [outcome('existence', 404, { location: { file: 'app.py', line: 7 } })] },
      'GET /same': {},
    },
    { problems: [{ severity: 'warning', code: 'syntax-error', says: 'could not be parsed', file: 'broken.py', line: 3 }] },
  );
  const rust = contract('rust', {
    'POST /blog/{id}/delete': {
      handler: 'delete_blog',
      location: { file: 'src/main.rs', line: 3, column: 14 },
      route: { file: 'src/main.rs', line: 1 },
    },
    ...Object.fromEntries(many.map(n => [n, { ineffective: layer }])),
    'GET /unclear': { gaps: [gap()], location: { file: 'src/main.rs', line: 3 } },
    'GET /status': { outcomes: [outcome('existence', 422, { location: { file: 'src/main.rs', line: 5 } })] },
    'GET /same': {},
    'POST /extra': {},
  });
  return compare(python, rust, {
    sources: { python: new Map([['app.py', PY]]), rust: new Map([['src/main.rs', RS]]) },
    timings: { total: 12.5 },
  });
}

/** Names as an attacker would choose them. */
export function hostile(): CheckResult {
  const evil = 'x\u001b[31m\u202e\u0007\n[click](http://evil)';
  const python = contract('python', {
    [`GET /${'a'}`]: { guards: [authn(evil, { rejects: [{ status: 302, redirect: evil }] })], handler: evil },
  });
  const rust = contract(
    'rust',
    { 'GET /a': { handler: evil, location: { file: `src/${evil}.rs`, line: 1 } } },
    { problems: [{ severity: 'note', code: 'odd', says: evil, file: evil, line: 1 }] },
  );
  return compare(python, rust, { sources: { python: new Map(), rust: new Map([[`src/${evil}.rs`, `fn ${evil}() {}`]]) } });
}
