/** What the original does only while a setting stands so: answers, and whole endpoints. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = (refused: string, registered: string): string => `from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel
from pydantic_settings import BaseSettings
from sqlalchemy.orm import Session
class Settings(BaseSettings):
    OPEN: bool
    DEBUG: bool
    STAGE: str
    PREFIX: str = "/api"
settings = Settings()
app = FastAPI(openapi_url=None)
class User:
    email: str
class New(BaseModel):
    email: str
def db() -> Session:
    return Session()
router = APIRouter()
@router.post(settings.PREFIX + "/users")
def register(body: New, s: Session = Depends(db)):
    if ${refused}:
        raise HTTPException(status_code=403)
    s.add(User(email=body.email))
    s.commit()
${registered}
`;
const ALWAYS = 'app.include_router(router)';
const when = (condition: string): string => `if ${condition}:\n    ${ALWAYS}`;

const port = (refused: string, registered: string): string => `use axum::{extract::{Json, State}, http::StatusCode, routing::post, Router};
use sqlx::PgPool;
#[derive(Clone)]
struct Config { open: bool, debug: bool, stage: String }
#[derive(Clone)]
struct App { db: PgPool, config: Config }
impl Config {
    fn from_env() -> Self {
        Config {
            open: std::env::var("OPEN").map(|v| v == "true").unwrap_or(true),
            debug: std::env::var("DEBUG").is_ok(),
            stage: std::env::var("STAGE").unwrap_or_else(|_| "local".into()),
        }
    }
}
#[derive(serde::Deserialize)]
struct New { email: String }
async fn register(State(app): State<App>, Json(body): Json<New>) -> Result<(), StatusCode> {
    if ${refused} {
        return Err(StatusCode::FORBIDDEN);
    }
    sqlx::query!("INSERT INTO users (email) VALUES ($1)", body.email).execute(&app.db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(())
}
#[tokio::main]
async fn main() {
    let config = Config::from_env();
    let mut app = Router::new();
    ${registered}
    let app = app.with_state(App { db: PgPool::connect("x").await.unwrap(), config });
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
const ROUTE = 'app = app.route("/api/users", post(register));';
const only = (condition: string): string => `if ${condition} { ${ROUTE} }`;

const MANIFEST = '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\n';
const found = async (python: string, rust: string) => {
  const result = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {});
  return result.findings.map(f => `${f.severity} ${f.rule}: ${f.message}`);
};

const LOST = 'warning outcome-missing: the original answers a setting (`OPEN`) with 403; the port has no such exit';
const onlyWith = (name: string): string[] => [`warning endpoint-extra: the original has it only with \`${name}\`; the port always has it`];
test.each<[string, string, string, string, string, string[]]>([
  ['an answer', 'not settings.OPEN', ALWAYS, '!app.config.open', ROUTE, []],
  ['an answer that is gone', 'not settings.OPEN', ALWAYS, 'false', ROUTE, [LOST]],
  ['another question instead', 'not settings.OPEN', ALWAYS, 'body.email.is_empty()', ROUTE, [LOST]],
  ['a switch', 'False', when('settings.DEBUG'), 'false', only('config.debug'), []],
  ['a switch that is gone', 'False', when('settings.DEBUG'), 'false', ROUTE, onlyWith('DEBUG')],
  ['a switch in the handler', 'False', when('settings.DEBUG'), '!app.config.debug', ROUTE, []],
  ['one of several', 'False', when('settings.STAGE == "local"'), 'false', only('config.stage == "local"'), []],
  ['one of several that is gone', 'False', when('settings.STAGE == "local"'), 'false', ROUTE, onlyWith('STAGE')],
  ['a switch of the port alone', 'False', ALWAYS, 'false', only('config.debug'), []],
])('%s', async (_, refused, registered, rust, routes, expected) => {
  expect(await found(original(refused, registered), port(rust, routes))).toEqual(expected);
});

test('a part of a document that is not there is bad input, not a row', async () => {
  const python = `from flask import Flask, abort, jsonify, request
from models import db
app = Flask(__name__)
def made(document):
    body = document.get('body')
    if body is None or body == '':
        abort(400)
    return body
@app.route('/posts', methods=['POST'])
def post():
    db.session.add(made(request.json))
    db.session.commit()
    return jsonify(ok=True)
`;
  const rust = (refused: string): string => `use axum::{extract::Json, http::StatusCode, routing::post, Router};
#[derive(serde::Deserialize)]
struct New { body: Option<String> }
async fn post_new(Json(new): Json<New>) -> Result<(), StatusCode> {
    let body = new.body.unwrap_or_default();
    if ${refused} {
        return Err(StatusCode::BAD_REQUEST);
    }
    store(&body).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
fn store(body: &str) -> Result<(), std::io::Error> {
    std::fs::write("posts", body)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/posts", post(post_new));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
  expect(await found(python, rust('body.is_empty()'))).toEqual([]);
});

test('a key that is held, the wrong way round, against the one of the settings or its default', async () => {
  const python = `import os
from fastapi import FastAPI, Header, HTTPException
app = FastAPI(openapi_url=None)
KEY = os.environ.get("KEY", "none")
@app.get("/queue")
def queue(x_key: str | None = Header(None)):
    if x_key != KEY:
        raise HTTPException(status_code=401)
    return []
`;
  const port = (no: string): string => `use axum::{http::{HeaderMap, StatusCode}, routing::get, Router};
async fn queue(headers: HeaderMap) -> Result<String, StatusCode> {
    let key = headers.get("x-key").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
    let own = std::env::var("KEY").unwrap_or_else(|_| "none".to_string());
    if ${no}(key == own) { return Err(StatusCode::UNAUTHORIZED); }
    Ok(String::new())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/queue", get(queue));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
  const reported = async (no: string): Promise<string[]> =>
    (await check(tree({ 'app.py': python }), tree({ 'src/main.rs': port(no), 'Cargo.toml': CARGO_OF_KEY }), {})).findings.map(f => f.rule);
  expect(await reported('!')).toEqual([]);
  expect(await reported('')).toEqual(['guard-ineffective']);
});

const CARGO_OF_KEY = '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n';
