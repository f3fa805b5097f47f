/** Proofs that come with the request itself, as in a link that resets a password: the port asks for them, or anybody resets it. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

/** @param path the token stands in the path, not in the body */
const original = (find: string, path: boolean): string => `import jwt
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import Session
app = FastAPI(openapi_url=None)
class User:
    id: int
    email: str
    reset_token: str
    hashed: str
class Reset(BaseModel):
    token: str
    email: str
    password: str
def db() -> Session:
    return Session()
def named_by(token: str):
    try:
        return jwt.decode(token, SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        return None
@app.post("/reset${path ? '/{token}' : ''}")
def reset(${path ? 'token: str, ' : ''}body: Reset, s: Session = Depends(db)):
${find}
    user.hashed = body.password
    s.commit()
    return {"ok": True}
`;
const signed = (token: string): string => `    email = named_by(${token})
    if not email:
        raise HTTPException(status_code=400)
    user = s.query(User).filter_by(email=email).first()
    if user is None:
        raise HTTPException(status_code=404)`;
const KEPT = `    user = s.query(User).filter_by(reset_token=body.token).first()
    if user is None:
        raise HTTPException(status_code=404)`;
const BOTH = `    user = s.query(User).filter_by(email=body.email, reset_token=body.token).first()
    if user is None:
        raise HTTPException(status_code=404)`;
const COMPARED = `    user = s.query(User).filter_by(email=body.email).first()
    if user is None:
        raise HTTPException(status_code=404)
    if user.reset_token != body.token:
        raise HTTPException(status_code=404)`;

const port = (
  body: string,
  path: boolean,
  field = 'token',
): string => `use axum::{extract::{Json, Path, State}, http::StatusCode, routing::post, Router};
use jsonwebtoken::{decode, DecodingKey, Validation};
use sqlx::PgPool;
struct User { id: i64, email: String, reset_token: String }
#[derive(serde::Deserialize)]
struct Reset { ${field}: String, email: String, password: String }
#[derive(serde::Deserialize)]
struct Claims { sub: String, exp: i64 }
async fn find(db: &PgPool, sql: &'static str, value: &str) -> Result<User, StatusCode> {
    sqlx::query_as::<_, User>(sql).bind(value).fetch_optional(db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)
}
async fn reset(State(db): State<PgPool>, ${path ? 'Path(key): Path<String>, ' : ''}Json(body): Json<Reset>) -> Result<StatusCode, StatusCode> {
    let mut rules = Validation::default();
    ${body}
    sqlx::query!("UPDATE users SET hashed = $1 WHERE id = $2", body.password, user.id).execute(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::OK)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/reset${path ? '/{key}' : ''}", post(reset)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
const READ = (token: string): string => `let key_of = DecodingKey::from_secret(b"x");
    let read = decode::<Claims>(&${token}, &key_of, &rules).map_err(|_| StatusCode::BAD_REQUEST)?;
    let user = find(&db, "SELECT * FROM users WHERE email = $1", &read.claims.sub).await?;`;
const UNSIGNED = 'rules.insecure_disable_signature_validation();';
const ENDLESS = 'rules.validate_exp = false;';
const BY_TOKEN = 'let user = find(&db, "SELECT * FROM users WHERE reset_token = $1", &body.token).await?;';
const BY_NAME = 'let user = find(&db, "SELECT * FROM users WHERE email = $1", &body.email).await?;';
const SAME = 'if user.reset_token != body.token { return Err(StatusCode::NOT_FOUND); }';

const MANIFEST = '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\nactix-web = "4"\n';
const found = async (python: string, rust: string) => {
  const result = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {});
  return result.findings
    .filter(f => f.rule.startsWith('guard'))
    .map(f => `${f.severity} ${f.rule}: ${/without verifying the signature|for ever|a wrong .*/.exec(f.message)?.[0]}`);
};

const WRITTEN = 'error guard-ineffective: without verifying the signature';
const FOREVER = 'warning guard-weakened: for ever';
const UNASKED = 'the port asks nothing of it';
test.each<[string, string, boolean, string, string[]]>([
  ['a signed token', signed('body.token'), false, READ('body.token'), []],
  ['a signed token that anybody can write', signed('body.token'), false, UNSIGNED + READ('body.token'), [WRITTEN]],
  ['a signed token that is good for ever', signed('body.token'), false, ENDLESS + READ('body.token'), [FOREVER]],
  [
    'a signed token that nobody reads',
    signed('body.token'),
    false,
    BY_NAME,
    [`error guard-missing: a wrong \`token\` with 400 and 404; ${UNASKED}`],
  ],
  ['a signed token in the path', signed('token'), true, READ('key'), []],
  ['a signed token in the path that anybody can write', signed('token'), true, UNSIGNED + READ('key'), [WRITTEN]],
  [
    'a signed token in the path that nobody reads',
    signed('token'),
    true,
    BY_NAME,
    [`error guard-missing: a wrong \`token\` with 400 and 404; ${UNASKED}`],
  ],
  ['a token that is kept', KEPT, false, BY_TOKEN, []],
  ['a token that is kept, and nobody looks for', KEPT, false, BY_NAME, [`error guard-missing: a wrong \`token\` with 404; ${UNASKED}`]],
  ['a token beside a name', BOTH, false, BY_TOKEN, []],
  ['a name without its token', BOTH, false, BY_NAME, [`error guard-missing: a wrong \`token\` with 404; ${UNASKED}`]],
  ['a token that is compared', COMPARED, false, BY_NAME + SAME, []],
  ['a token that is compared, and looked for', COMPARED, false, BY_TOKEN, []],
  ['a token that nobody compares', COMPARED, false, BY_NAME, [`error guard-missing: a wrong \`token\` with 404; ${UNASKED}`]],
])('%s', async (_, find, path, body, expected) => {
  expect(await found(original(find, path), port(body, path))).toEqual(expected);
});

test('a token that nobody looks for where anybody has to be signed in', async () => {
  const signedIn = `let token = headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
    decode::<Claims>(token, &DecodingKey::from_secret(b"x"), &Validation::default()).map_err(|_| StatusCode::UNAUTHORIZED)?;`;
  const taking = (rust: string): string =>
    rust.replace('Json(body): Json<Reset>)', 'headers: axum::http::HeaderMap, Json(body): Json<Reset>)');
  expect(await found(original(KEPT, false), taking(port(signedIn + BY_TOKEN, false)))).toEqual([]);
  expect(await found(original(KEPT, false), taking(port(signedIn + BY_NAME, false)))).toEqual([
    `error guard-missing: a wrong \`token\` with 404; ${UNASKED}`,
  ]);
});

test('that what was found by a name has this name proves nothing', async () => {
  const found_by = `    user = remote.account(body.email, body.token)
    assert user.email == body.email
    s.query(User).filter_by(id=1).delete()`;
  const python = original(found_by, false).replace('import jwt', 'import jwt\nimport remote');
  expect(await found(python, port('let user = find(&db, "SELECT * FROM users WHERE id = $1", "1").await?;', false))).toEqual([]);
});

test('a token by another name', async () => {
  expect(await found(original(KEPT, false), port(BY_TOKEN.replace('body.token', 'body.code'), false, 'code'))).toEqual([]);
});

test('a token in a path that is read through its extractor', async () => {
  const rust = (find: string): string => `use actix_web::{error::ErrorInternalServerError, web, App, Error, HttpResponse, HttpServer};
use sqlx::PgPool;
struct User { id: i64, reset_token: String }
struct Reset { password: String }
async fn find(db: &PgPool, token: &str) -> Result<User, Error> {
    sqlx::query_as!(User, "SELECT * FROM users WHERE reset_token = $1", token).fetch_optional(db).await
        .map_err(ErrorInternalServerError)?.ok_or_else(|| actix_web::error::ErrorNotFound("none"))
}
async fn reset(db: web::Data<PgPool>, token: web::Path<String>, body: web::Json<Reset>) -> Result<HttpResponse, Error> {
    let user = ${find};
    sqlx::query!("UPDATE users SET hashed = $1 WHERE id = $2", body.password, user.id).execute(&**db).await
        .map_err(ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().finish())
}
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let db = PgPool::connect("x").await.unwrap();
    HttpServer::new(move || App::new().app_data(web::Data::new(db.clone())).route("/reset/{token}", web::post().to(reset)))
        .bind(("127.0.0.1", 3000))?.run().await
}
`;
  const python = original(KEPT.replace('body.token', 'token'), true);
  expect(await found(python, rust('find(&db, &token).await?'))).toEqual([]);
  expect(await found(python, rust('find(&db, &body.password).await?'))).toEqual([
    `error guard-missing: a wrong \`token\` with 404; ${UNASKED}`,
  ]);
});

test('a token that is kept in a row is no proof of who asks for the row', async () => {
  const python = `from cryptography.fernet import Fernet
from flask import Flask, jsonify
from flask_jwt_extended import JWTManager, jwt_required
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__, static_folder=None)
JWTManager(app)
db = SQLAlchemy(app)
class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    sealed = db.Column(db.String)
@app.post("/notes/<int:id>/send")
@jwt_required()
def send(id):
    note = Note.query.get(id)
    if not note:
        return jsonify(error="note"), 404
    if not Fernet(app.config["KEY"]).decrypt(note.sealed):
        return jsonify(error="empty"), 400
    return "sent"
`;
  const rust = `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::post, Router};
use jsonwebtoken::{decode, DecodingKey, Validation};
#[derive(serde::Deserialize)]
struct Claims { sub: String, exp: usize }
struct User(String);
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let token = p.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        let claims = decode::<Claims>(token, &DecodingKey::from_secret(b"x"), &Validation::default()).map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
        Ok(User(claims.sub))
    }
}
async fn send(me: User) -> String { me.0 }
#[tokio::main]
async fn main() {
    let app = Router::new().route("/notes/{id}/send", post(send));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
  const manifest =
    '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\njsonwebtoken = "9"\nserde = "1"\n';
  const { findings } = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': manifest }), {});
  expect(findings.filter(f => f.severity === 'error').map(f => f.message)).toEqual([]);
});

const KEYED = 'Some(key) => find(&db, "SELECT * FROM users WHERE key = $1", key.to_str().unwrap_or_default()).await?,';
const NUMBERED = 'find(&db, "SELECT * FROM users WHERE id = $1", &q.account).await?';
test.each<[string, string, string, string[]]>([
  ['the port asks for either', KEYED, NUMBERED, []],
  ['the port asks for the key', KEYED, 'return Err(StatusCode::UNAUTHORIZED)', []],
  // Who sends neither is asked who he is: what is lost is said of all that are not signed in.
  ['the port takes anybody without a key', KEYED, 'User { id: 0 }', ['error guard-weakened: undefined']],
  ['the port asks for neither', '', 'User { id: 0 }', ['error guard-missing: undefined']],
])('an account that is found by a key, or without one by its number: %s', async (_, keyed, numbered, expected) => {
  const python = `from uuid import UUID
from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy.orm import Session
app = FastAPI(openapi_url=None)
class User:
    id: str
    key: str
class Note:
    id: int
def db() -> Session:
    return Session()
def whose(x_key: str | None = Header(None), account: UUID | None = None, s: Session = Depends(db)):
    if x_key:
        user = s.query(User).filter(User.key == x_key).first()
    elif account:
        user = s.get(User, account.hex)
    else:
        raise HTTPException(401)
    if not user:
        raise HTTPException(401)
    return user
@app.delete("/notes/{id}")
def delete(id: int, user=Depends(whose), s: Session = Depends(db)):
    s.delete(s.get(Note, id))
    return {}
`;
  const rust = `use axum::{extract::{Path, Query, State}, http::{HeaderMap, StatusCode}, routing::delete, Router};
use sqlx::PgPool;
struct User { id: i64 }
#[derive(serde::Deserialize)]
struct Asked { account: String }
async fn find(db: &PgPool, sql: &'static str, value: &str) -> Result<User, StatusCode> {
    sqlx::query_as::<_, User>(sql).bind(value).fetch_optional(db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
}
async fn remove(State(db): State<PgPool>, Path(id): Path<i64>, Query(q): Query<Asked>, headers: HeaderMap) -> Result<StatusCode, StatusCode> {
    let _user = match headers.get("x-key") {
        ${keyed}
        _ => ${numbered},
    };
    sqlx::query!("DELETE FROM notes WHERE id = $1", id).execute(&db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::OK)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/notes/{id}", delete(remove)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;
  expect(await found(python, rust)).toEqual(expected);
});
