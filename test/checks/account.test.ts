/** What an account has to be besides being there: the port asks it, does not, asks it of the others, or answers otherwise. */
import { analyse, check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = (asked: string, status = 403): string => `from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from sqlalchemy.orm import Session
from models import User
app = FastAPI(openapi_url=None)
def db() -> Session:
    return Session()
def user(found: str = Security(APIKeyHeader(name="Authorization")), s: Session = Depends(db)) -> User:
    me = s.query(User).filter_by(token=found).first()
    if me is None:
        raise HTTPException(status_code=401)
    if ${asked}:
        raise HTTPException(status_code=${status})
    if not me.is_admin:
        raise HTTPException(status_code=403)
    return me
@app.get("/names")
def names(me: User = Depends(user)):
    return me.name
`;

const port = (
  more: string,
  where = 'token = ?',
): string => `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::get, Router};
#[derive(PartialEq)]
enum Status { Active, Closed }
struct User { name: String, is_admin: bool, active: bool, deleted: bool, status: Status }
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let token = p.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        let me: User = sqlx::query_as("SELECT * FROM users WHERE ${where}").bind(token).fetch_optional(pool()).await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)?;
        ${more}
        if !me.is_admin {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(me)
    }
}
async fn names(me: User) -> String { me.name }
#[tokio::main]
async fn main() {
    let app = Router::new().route("/names", get(names));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const CARGO = '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\nargon2 = "0.5"\n';
const rustOf = (text: string): string => tree({ 'src/main.rs': text, 'Cargo.toml': CARGO });
const reported = async (python: string, rust: string): Promise<string[]> =>
  (await check(tree({ 'app.py': python }), rustOf(rust), {})).findings.map(f => `${f.severity} ${f.rule} ${f.endpoint?.path}`);
const asked = async (rust: string): Promise<string[][]> =>
  (await analyse(rustOf(rust), 'rust')).contract.endpoints.flatMap(e => e.outcomes.flatMap(o => (o.account ? [o.account] : [])));

const refusing = (condition: string, status = 'FORBIDDEN'): string => `if ${condition} { return Err(StatusCode::${status}); }`;
const LOST = ['error guard-weakened /names'];
const BROKEN = ['error guard-ineffective /names'];

test('what an account has to be is asked of its row, of its state, or by the query', async () => {
  expect(await asked(port(refusing('!me.active')))).toEqual([['active']]);
  expect(await asked(port(refusing('me.active')))).toEqual([['!active']]);
  expect(await asked(port(refusing('me.deleted')))).toEqual([['deleted']]);
  expect(await asked(port(refusing('me.status != Status::Active', 'UNAUTHORIZED')))).toEqual([['active']]);
  expect(await asked(port('', 'token = ? AND active'))).toEqual([['!active', 'active']]);
  expect(await asked(port('', "token = ? AND u.kind = 'person'"))).toEqual([['?']]);
  expect(await asked(port(''))).toEqual([]);
});

test('whoever is turned away by what his account says is let in', async () => {
  const python = original('not me.is_active');
  for (const kept of [port(refusing('!me.active')), port('', 'token = ? AND active = TRUE'), port('', 'token = ? AND closed = 0')])
    expect((await reported(python, kept)).filter(f => f.startsWith('error'))).toEqual([]);
  expect(await reported(python, port(refusing('!me.active')))).toEqual([]);
  expect(await reported(python, port(''))).toEqual(LOST);
  expect(await reported(python, port(refusing('me.active')))).toEqual(BROKEN);
  expect(await reported(python, port(refusing('std::env::var("CLOSED").is_ok() && !me.active')))).toEqual(BROKEN);
  // Who is in order already is led on, and not kept out.
  expect(await reported(original('me.confirmed'), port(''))).toEqual([]);
  expect(await reported(original('me.deleted'), port(refusing('me.deleted')))).toEqual([]);
  expect(await reported(original('me.deleted'), port(refusing('!me.active')))).toEqual([]);
  expect(await reported(original('me.deleted'), port(''))).toEqual(LOST);
});

test('whoever is turned away by what his account says gets another answer', async () => {
  expect(await reported(original('not me.active'), port(refusing('!me.active', 'NOT_FOUND')))).toEqual(['warning refusal-changed /names']);
  expect(await reported(original('not me.active', 404), port(refusing('!me.active', 'NOT_FOUND')))).toEqual([]);
});

/** Signing in: `asks` comes after the account was looked up. */
const login = (asks: string): string => `from fastapi import FastAPI, HTTPException
from passlib.context import CryptContext
from pydantic import BaseModel
from sqlalchemy.orm import Session
from models import User
app = FastAPI(openapi_url=None)
class Form(BaseModel):
    name: str
    password: str
@app.post("/login")
def login(form: Form):
    user = Session().query(User).filter_by(name=form.name).first()
${asks}
    return user.token
`;
const loginPort = ({ filter = '', status = 'UNAUTHORIZED', then = '' }): string => `use argon2::{Argon2, PasswordHash, PasswordVerifier};
use axum::{http::StatusCode, routing::post, Json, Router};
#[derive(serde::Deserialize)]
struct Form { name: String, password: String }
#[derive(sqlx::FromRow)]
struct User { active: bool, suspended: bool, hash: String, token: String }
async fn login(Json(form): Json<Form>) -> Result<String, StatusCode> {
    let user: Option<User> = sqlx::query_as("SELECT * FROM users WHERE name = ?").bind(form.name).fetch_optional(pool()).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let user = user${filter}.ok_or(StatusCode::${status})?;
    let hash = PasswordHash::new(&user.hash).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Argon2::default().verify_password(form.password.as_bytes(), &hash).map_err(|_| StatusCode::${status})?;
    ${then}
    Ok(user.token)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/login", post(login));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

test('an account that is closed may sign in', async () => {
  const python = login(`    if user is None or not user.active or not CryptContext().verify(form.password, user.password):
        raise HTTPException(status_code=401)`);
  expect(await reported(python, loginPort({ filter: '.filter(|user| user.active)' }))).toEqual([]);
  expect(await reported(python, loginPort({}))).toEqual(['error guard-weakened /login']);
});

test('a wrong password that is answered as a closed account is', async () => {
  const python = login(`    if user is None or not CryptContext().verify(form.password, user.password):
        raise HTTPException(status_code=401)
    if user.suspended:
        raise HTTPException(status_code=403)`);
  const then = refusing('user.suspended');
  expect(await reported(python, loginPort({ then }))).toEqual([]);
  expect(await reported(python, loginPort({ status: 'FORBIDDEN', then }))).toEqual(['warning outcome-changed /login']);
});
