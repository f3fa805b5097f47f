/** Several questions that the original asks of a credential: which of them a port may leave out. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = (second: string): string => `from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader
from sqlalchemy.orm import Session
from models import User
app = FastAPI(openapi_url=None)
def db() -> Session:
    return Session()
def token(header: str = Security(APIKeyHeader(name="Authorization"))) -> str:
    try:
        _, found = header.split(" ")
    except ValueError:
        raise HTTPException(status_code=${second === 'form' ? 403 : 401})
    return found
def user(found: str = Depends(token), s: Session = Depends(db)) -> User:
    me = s.query(User).filter_by(token=found).first()
    if me is None:
        raise HTTPException(status_code=401)
    return me
def confirmed(me: User = Depends(user)) -> User:
    if ${second === 'account' ? 'not me.confirmed' : 'False'}:
        raise HTTPException(status_code=403)
    return me
@app.get("/names")
def names(me: User = Depends(confirmed)):
    return me.name
`;

const PORT = `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::get, Router};
struct User { name: String }
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let token = p.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        sqlx::query_as("SELECT * FROM users WHERE token = ?").bind(token).fetch_optional(pool()).await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
    }
}
async fn names(me: User) -> String { me.name }
#[tokio::main]
async fn main() {
    let app = Router::new().route("/names", get(names));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const LOGIN = `from fastapi import FastAPI, HTTPException
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
    if user is None:
        raise HTTPException(status_code=401)
    if not CryptContext().verify(form.password, user.password):
        raise HTTPException(status_code=401)
    return user.token
`;

const loginPort = (
  error: string,
  check: string,
): string => `use argon2::{Argon2, ${error.startsWith('argon2') ? 'password_hash, ' : ''}PasswordHash, PasswordVerifier};
use axum::{http::StatusCode, response::{IntoResponse, Response}, routing::post, Json, Router};
enum Failure { Denied, Broken }
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self { Failure::Denied => StatusCode::UNAUTHORIZED, Failure::Broken => StatusCode::INTERNAL_SERVER_ERROR }.into_response()
    }
}
impl From<${error}> for Failure {
    fn from(e: ${error}) -> Self { match e { ${error}::Password => Failure::Denied, _ => Failure::Broken } }
}
impl From<sqlx::Error> for Failure { fn from(_: sqlx::Error) -> Self { Failure::Broken } }
#[derive(serde::Deserialize)]
struct Form { name: String, password: String }
#[derive(sqlx::FromRow)]
struct User { hash: String, token: String }
fn fits(password: &str, hash: &str) -> password_hash::Result<()> {
    Argon2::default().verify_password(password.as_bytes(), &PasswordHash::new(hash)?)
}
async fn login(Json(form): Json<Form>) -> Result<String, Failure> {
    let user: User = sqlx::query_as("SELECT * FROM users WHERE name = ?").bind(form.name).fetch_optional(pool()).await?.ok_or(Failure::Denied)?;
    ${check}
    Ok(user.token)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/login", post(login));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const loggedIn = async (error: string, body: string, login = LOGIN): Promise<string[]> => {
  const python = tree({ 'app.py': login });
  const rust = tree({
    'src/main.rs': loginPort(error, body),
    'Cargo.toml':
      '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\nargon2 = "0.5"\npassword-hash = "0.5"\nsqlx = "0.8"\n',
  });
  const { findings } = await check(python, rust, {});
  return findings.map(f => `${f.severity} ${f.rule} ${f.endpoint?.path}`);
};

test('a password that is checked by the traits of a crate that another one hands on', async () => {
  for (const error of ['password_hash::Error', 'argon2::password_hash::Error']) {
    expect(await loggedIn(error, 'fits(&form.password, &user.hash)?;')).toEqual([]);
    expect(await loggedIn(error, '')).toEqual(['error guard-missing /login']);
    expect(await loggedIn(error, 'let _ = fits(&form.password, &user.hash);')).toEqual(['error guard-missing /login']);
  }
});

test('a password that is checked by a call that gives another hash beside its answer', async () => {
  const login = LOGIN.replace('from passlib.context import CryptContext', 'from pwdlib import PasswordHash').replace(
    '    if not CryptContext().verify(form.password, user.password):',
    '    verified, _ = PasswordHash.recommended().verify_and_update(form.password, user.password)\n    if not verified:',
  );
  const refusing = login.replaceAll('401', '400');
  for (const original of [login, refusing])
    expect(await loggedIn('password_hash::Error', '', original)).toContain('error guard-missing /login');
  expect(await loggedIn('password_hash::Error', 'fits(&form.password, &user.hash)?;', login)).toEqual([]);
});

const found = async (second: string): Promise<string[]> => {
  const python = tree({ 'app.py': original(second) });
  const rust = tree({ 'src/main.rs': PORT, 'Cargo.toml': '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n' });
  const { findings } = await check(python, rust, {});
  return findings.map(f => `${f.severity} ${f.rule} ${f.python[0]?.line}`);
};

test('what is asked of the account is missed', async () => {
  expect(await found('account')).toEqual(['error guard-weakened 21']);
});

test('how the credential is written is not, whatever answer it gets', async () => {
  expect(await found('form')).toEqual([]);
  expect(await found('none')).toEqual([]);
});

describe('what a token must not say of itself', () => {
  const claims = (asks: string): string => `from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, get_jwt, jwt_required
app = Flask(__name__, static_folder=None)
JWTManager(app)
@app.get("/names")
@jwt_required()
def names():
    ${asks}
    return "name"
`;
  const rust = (asks: string): string => `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::get, Router};
use jsonwebtoken::{decode, DecodingKey, Validation};
#[derive(serde::Deserialize)]
struct Claims { sub: String, exp: usize, waiting: Option<bool> }
struct User(String);
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let token = p.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        let claims = decode::<Claims>(token, &DecodingKey::from_secret(b"x"), &Validation::default()).map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
        ${asks}
        Ok(User(claims.sub))
    }
}
async fn names(me: User) -> String { me.0 }
#[tokio::main]
async fn main() {
    let app = Router::new().route("/names", get(names));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
  const MANIFEST =
    '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\njsonwebtoken = "9"\nserde = "1"\n';
  const ASKED = 'if get_jwt().get("pending"): return jsonify(error="second factor"), 403';
  test.each<[string, string, string, string[]]>([
    ['asked with an answer of its own', ASKED, 'if claims.waiting == Some(true) { return Err(StatusCode::UNAUTHORIZED); }', []],
    ['not asked any more', ASKED, '', ['guard-weakened']],
    ['asked of neither', 'pass', '', []],
  ])('%s', async (_, asks, theirs, expected) => {
    const { findings } = await check(tree({ 'app.py': claims(asks) }), tree({ 'src/main.rs': rust(theirs), 'Cargo.toml': MANIFEST }), {});
    expect(findings.filter(f => f.severity === 'error').map(f => f.rule)).toEqual(expected);
  });

  test('of whoever sends one to what is open to everybody', async () => {
    const python = claims('pass')
      .replace('@jwt_required()\n', '')
      .replace('jwt_required\n', 'verify_jwt_in_request\n')
      .replace(
        '@app.get',
        `@app.before_request
def complete():
    try:
        verify_jwt_in_request()
        if get_jwt().get("pending"):
            return jsonify(error="second factor"), 403
    except Exception:
        pass
@app.get`,
      );
    const open = rust('').replace('names(me: User) -> String { me.0 }', 'names() -> &\'static str { "name" }');
    const { findings } = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': open, 'Cargo.toml': MANIFEST }), {});
    expect(findings.filter(f => f.severity === 'error')).toEqual([]);
  });
});

test('the only check of what was sent is made by the port with an answer of its own', async () => {
  const python = original('none').replace(
    'if me is None:\n        raise HTTPException(status_code=401)',
    'if me is None:\n        raise HTTPException(status_code=403)',
  );
  const rust = tree({ 'src/main.rs': PORT, 'Cargo.toml': '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n' });
  const { findings } = await check(tree({ 'app.py': python }), rust, {});
  expect(findings.filter(f => f.severity === 'error')).toEqual([]);
});
