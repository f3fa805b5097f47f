/** What has no parse may hold anything: it is a gap where routes could stand, and none where nothing of the kind is spoken of. */
import type { Contract, Side } from '../../src/contract/types.js';
import { analyse } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const contract = async (side: Side, files: Record<string, string>): Promise<Contract> => (await analyse(tree(files), side)).contract;
const gaps = (c: Contract): string[] => c.gaps.map(g => `${g.why} ${g.location.file}:${g.location.line} hides ${g.hides.join(', ')}`);
const problems = (c: Contract): string[] => c.problems.map(p => `${p.code} ${p.file}:${p.line}`);

const FLASK = "from flask import Flask\napp = Flask(__name__)\n@app.get('/a')\ndef a(): return 'ok'\n";
const AXUM =
  'use axum::{Router, routing::get};\nasync fn a() {}\n#[tokio::main]\nasync fn main() { axum::serve(l, Router::new().route("/a", get(a))).await; }\n';
const CARGO = '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n';

describe('Python', () => {
  test('between routes', async () => {
    const c = await contract('python', { 'app.py': `${FLASK}@app.get('/b') def ((\n` });
    expect(c.endpoints.filter(e => !e.implicit).map(e => e.path)).toEqual(['/a']);
    expect(gaps(c)).toEqual(['syntax-error app.py:5 hides endpoints, guards']);
    expect(problems(c)).toEqual(['syntax-error app.py:5']);
    expect(c.coverage.unresolved).toBe(1);
  });

  test('in a file that does not speak of the framework', async () => {
    const c = await contract('python', { 'app.py': FLASK, 'old.py': 'x = 1\ndef ((' });
    expect(gaps(c)).toEqual([]);
    expect(problems(c)).toEqual(['syntax-error old.py:2']);
  });
});

describe('Rust', () => {
  test('between items', async () => {
    const c = await contract('rust', { 'Cargo.toml': CARGO, 'src/main.rs': `${AXUM}) fn b() {}\n` });
    expect(c.endpoints.map(e => e.path)).toEqual(['/a']);
    expect(gaps(c)).toEqual(['syntax-error src/main.rs:5 hides endpoints, guards']);
    expect(problems(c)).toEqual(['syntax-error src/main.rs:5']);
  });

  test('in a file that does not speak of the framework', async () => {
    const c = await contract('rust', { 'Cargo.toml': CARGO, 'src/main.rs': `mod old;\n${AXUM}`, 'src/old.rs': ') fn b() {}\n' });
    expect(gaps(c)).toEqual([]);
    expect(problems(c)).toEqual(['syntax-error src/old.rs:1']);
  });

  test('in a chain of routes that nothing serves', async () => {
    const routes = '    Router::new()\n        .route("/a", get(a))\n        .route("/b", delete?a))\n        .route("/c", delete(a))\n';
    const c = await contract('rust', {
      'Cargo.toml': CARGO,
      'src/main.rs': `use axum::{Router, routing::{delete, get}};\nasync fn a() {}\nfn routes() -> Router {\n${routes}}\n`,
    });
    expect(c.endpoints.map(e => e.path)).toEqual(['/a', '/b', '/c']);
    expect(gaps(c)).toEqual([
      'dynamic-route src/main.rs:1 hides endpoints, guards',
      'syntax-error src/main.rs:6 hides endpoints, guards',
      'syntax-error src/main.rs:6 hides endpoints, guards',
    ]);
  });
});
