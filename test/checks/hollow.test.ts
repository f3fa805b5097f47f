/** Checks of a port that stand in the handler and turn nobody away, each with its reason. */
import type { Finding } from '../../src/findings/types.js';
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const CARGO = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[features]\nstrict = []\n[dependencies]\naxum = "0.8"\n';

const HEAD = `use axum::{extract::State, http::{HeaderMap, StatusCode}, routing::get, Router};
use std::sync::Arc;
struct App { token: Option<String>, secret: String, open: bool }
fn sent(h: &HeaderMap) -> Option<&str> { h.get("x-token").and_then(|v| v.to_str().ok()) }
fn check(h: &HeaderMap) -> Result<(), StatusCode> {
    let secret = std::env::var("TOKEN").map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if sent(h) == Some(secret.as_str()) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}
`;

const ORIGINAL = `import os
from flask import Flask, abort, request
app = Flask(__name__)
SECRET = os.environ["TOKEN"]
@app.get("/a")
def a():
    if request.headers.get("X-Token") != SECRET:
        abort(401)
    return "ok"
`;

const OPEN_ORIGINAL = ORIGINAL.replace('os.environ["TOKEN"]', 'os.environ.get("TOKEN")').replace('if request', 'if SECRET and request');

/** What is found of a port whose handler has this body, at the line of the handler's own text. */
async function found(body: string, original = ORIGINAL): Promise<string[]> {
  const port = `${HEAD}async fn a(State(app): State<Arc<App>>, h: HeaderMap) -> Result<&'static str, StatusCode> {\n${body}\n    Ok("ok")\n}
#[tokio::main]
async fn main() {
    std::env::var("REGION").expect("REGION is set");
    let app = Arc::new(App { token: std::env::var("TOKEN").ok(), secret: std::env::var("TOKEN").unwrap_or_default(), open: false });
    axum::serve(l, Router::new().route("/a", get(a)).with_state(app)).await.unwrap();
}
`;
  const { findings } = await check(tree({ 'app.py': original }), tree({ 'Cargo.toml': CARGO, 'src/main.rs': port }));
  const first = `${HEAD}\n`.split('\n').length;
  return findings.map(
    (f: Finding) =>
      `${f.severity} ${f.rule} ${f.persona}: ${/protects nothing: (.*?)\./.exec(f.message)?.[1]} (+${(f.rust[0]?.line ?? 0) - first})`,
  );
}

const REFUSE = 'return Err(StatusCode::UNAUTHORIZED);';
const unset = (line: number): string[] => [
  `error guard-ineffective anonymous: it can be switched off, by a setting that is not there or by what is sent (+${line})`,
];

test.each<[string, string, string[]]>([
  ['that is called', 'check(&h)?;', []],
  ['in a branch that is never taken', 'if false {\n check(&h)?;\n}', ['error guard-ineffective anonymous: the code never runs (+0)']],
  [
    'behind a feature',
    '#[cfg(feature = "strict")]\ncheck(&h)?;',
    ['error guard-ineffective anonymous: it is compiled only under a condition (+1)'],
  ],
  [
    'behind the question for a feature',
    'if cfg!(feature = "strict") {\n check(&h)?;\n}',
    ['error guard-ineffective anonymous: it is compiled only under a condition (+0)'],
  ],
  ['where the variable is set', `if let Ok(s) = std::env::var("TOKEN") {\n if sent(&h) != Some(s.as_str()) { ${REFUSE} }\n}`, unset(1)],
  [
    'behind an early success',
    `let Ok(s) = std::env::var("TOKEN") else { return Ok("ok") };\nif sent(&h) != Some(s.as_str()) { ${REFUSE} }`,
    unset(1),
  ],
  ['where the state has a token', `if let Some(s) = &app.token {\n if sent(&h) != Some(s.as_str()) { ${REFUSE} }\n}`, unset(1)],
  ['where the state has a text', `if !app.secret.is_empty() && sent(&h) != Some(app.secret.as_str()) { ${REFUSE} }`, unset(0)],
  [
    'with what is empty where nothing is set',
    `let s = std::env::var("TOKEN").unwrap_or_default();\nif sent(&h) != Some(s.as_str()) { ${REFUSE} }`,
    unset(1),
  ],
  [
    'where another variable is set',
    `let s = app.token.as_deref().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;\nif std::env::var("CHECKED").is_ok() && sent(&h) != Some(s) { ${REFUSE} }`,
    unset(1),
  ],
  [
    'where a variable is set that the program needs',
    `let s = app.token.as_deref().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;\nif std::env::var("REGION").is_ok() && sent(&h) != Some(s) { ${REFUSE} }`,
    [],
  ],
  [
    'where what was sent is not empty',
    `let s = std::env::var("TOKEN").map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;\nlet Some(t) = sent(&h) else { ${REFUSE} };\nif !t.is_empty() && t != s { ${REFUSE} }`,
    unset(2),
  ],
  [
    'of what is not empty',
    `let s = std::env::var("TOKEN").map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;\nlet Some(t) = sent(&h) else { ${REFUSE} };\nif t.is_empty() { ${REFUSE} }\nif t != s { ${REFUSE} }`,
    [],
  ],
  [
    'of whoever does not send the same in another header',
    `let s = app.token.as_deref().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;\nlet other = h.get("x-api-key").and_then(|v| v.to_str().ok());\nif other != Some(s) && sent(&h) != Some(s) { ${REFUSE} }`,
    [],
  ],
  [
    'of the number of its parts',
    `if sent(&h).map(|t| t.split('.').count()) != Some(3) { ${REFUSE} }`,
    ['error guard-ineffective anonymous: it tests only that a credential is there, not that it is valid (+0)'],
  ],
  [
    'that needs the variable',
    `let Ok(s) = std::env::var("TOKEN") else { return Err(StatusCode::INTERNAL_SERVER_ERROR) };\nif sent(&h) != Some(s.as_str()) { ${REFUSE} }`,
    [],
  ],
  [
    'that needs the state',
    `let s = app.token.as_deref().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;\nif sent(&h) != Some(s) { ${REFUSE} }`,
    [],
  ],
])('a check %s', async (_, body, expected) => expect(await found(body)).toEqual(expected));

test('what is open in the original as well is no loss', async () => {
  const body = `if let Ok(s) = std::env::var("TOKEN") {\n if sent(&h) != Some(s.as_str()) { ${REFUSE} }\n}`;
  expect(await found(body, OPEN_ORIGINAL)).toEqual([]);
  expect(await found('check(&h)?;', OPEN_ORIGINAL)).toEqual([]);
});
