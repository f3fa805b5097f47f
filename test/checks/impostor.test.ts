/** Endpoints that take several credentials: each of them has to keep out who has none that proves anything. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

/** A token, a name with its password, or a key. */
const ORIGINAL = `import base64
import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from passlib.context import CryptContext
from sqlalchemy.orm import Session
app = FastAPI(openapi_url=None)
pwd = CryptContext(schemes=["bcrypt"])
class User:
    id: int
    name: str
    api_key: str
    hashed: str
def db() -> Session:
    return Session()
def user(request: Request, s: Session = Depends(db)) -> User:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme == "Bearer":
        try:
            claims = jwt.decode(value, SECRET, algorithms=["HS256"])
        except jwt.PyJWTError:
            raise HTTPException(status_code=401)
        me = s.get(User, claims["sub"])
        if me is None:
            raise HTTPException(status_code=401)
        return me
    if scheme == "Basic":
        name, _, password = base64.b64decode(value).decode().partition(":")
        me = s.query(User).filter_by(name=name).first()
        if me is None or not pwd.verify(password, me.hashed):
            raise HTTPException(status_code=401)
        return me
    me = s.query(User).filter_by(api_key=value).first()
    if me is None:
        raise HTTPException(status_code=401)
    return me
@app.get("/me")
def me(me: User = Depends(user)):
    return {"id": me.id}
`;

const DECODE = 'decode::<Claims>(value, &DecodingKey::from_secret(b"x"), &Validation::default())';
const VERIFY = 'if !bcrypt::verify(password, &user.hashed).unwrap_or(false) { return Err(StatusCode::UNAUTHORIZED); }';

const port = (
  read: string,
  verify: string,
): string => `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::get, Json, Router};
use base64::{engine::general_purpose::STANDARD, Engine};
use jsonwebtoken::{decode, DecodingKey, Validation};
use sqlx::PgPool;
struct User { id: i64, name: String, hashed: String }
struct Claims { sub: i64, exp: i64 }
fn unchecked() -> Validation {
    let mut v = Validation::default();
    v.insecure_disable_signature_validation();
    v
}
fn endless() -> Validation {
    let mut v = Validation::default();
    v.validate_exp = false;
    v
}
async fn find(db: &PgPool, column: &str, value: &str) -> Result<User, StatusCode> {
    let sql = match column {
        "id" => "SELECT * FROM users WHERE id = $1",
        "name" => "SELECT * FROM users WHERE name = $1",
        _ => "SELECT * FROM users WHERE api_key = $1",
    };
    sqlx::query_as::<_, User>(sql).bind(value).fetch_optional(db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
}
impl FromRequestParts<PgPool> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(parts: &mut Parts, db: &PgPool) -> Result<Self, StatusCode> {
        let header = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        let (scheme, value) = header.split_once(' ').ok_or(StatusCode::UNAUTHORIZED)?;
        match scheme {
            "Bearer" => {
                let token = ${read}.map_err(|_| StatusCode::UNAUTHORIZED)?;
                find(db, "id", &token.claims.sub).await
            }
            "Basic" => {
                let raw = STANDARD.decode(value).map_err(|_| StatusCode::UNAUTHORIZED)?;
                let text = String::from_utf8(raw).map_err(|_| StatusCode::UNAUTHORIZED)?;
                let (name, password) = text.split_once(':').ok_or(StatusCode::UNAUTHORIZED)?;
                let user = find(db, "name", name).await?;
                ${verify}
                Ok(user)
            }
            _ => find(db, "key", value).await,
        }
    }
}
async fn me(me: User) -> Json<i64> {
    Json(me.id)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/me", get(me)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

/** The name stands where a key may stand alone (`key:`). */
const EITHER = `from flask import Flask, g, jsonify
from flask_httpauth import HTTPBasicAuth
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash
app = Flask(__name__)
db = SQLAlchemy(app)
auth = HTTPBasicAuth()
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String)
    key = db.Column(db.String)
    password_hash = db.Column(db.String)
@auth.verify_password
def verify_password(name, password):
    if password == '':
        g.user = User.query.filter_by(key=name).first()
        return g.user is not None
    g.user = User.query.filter_by(email=name).first()
    return g.user is not None and check_password_hash(g.user.password_hash, password)
@app.route('/me')
@auth.login_required
def me():
    return jsonify(id=g.user.id)
`;

const typed = (
  verify: string,
): string => `use axum::{extract::FromRequestParts, http::{request::Parts, StatusCode}, routing::get, Json, RequestPartsExt, Router};
use axum_extra::{headers::{authorization::Basic, Authorization}, TypedHeader};
use sqlx::PgPool;
struct User { id: i64, hashed: String }
async fn find(db: &PgPool, sql: &'static str, value: &str) -> Result<User, StatusCode> {
    sqlx::query_as::<_, User>(sql).bind(value).fetch_optional(db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
}
impl FromRequestParts<PgPool> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(parts: &mut Parts, db: &PgPool) -> Result<Self, StatusCode> {
        let TypedHeader(Authorization(sent)) = parts.extract::<TypedHeader<Authorization<Basic>>>().await
            .map_err(|_| StatusCode::UNAUTHORIZED)?;
        if sent.password().is_empty() {
            return find(db, "SELECT * FROM users WHERE key = $1", sent.username()).await;
        }
        let user = find(db, "SELECT * FROM users WHERE email = $1", sent.username()).await?;
        ${verify}
        Ok(user)
    }
}
async fn me(me: User) -> Json<i64> {
    Json(me.id)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/me", get(me)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const validator = (
  verify: string,
): string => `use actix_web::{error::{ErrorInternalServerError, ErrorUnauthorized}, web, App, Error, HttpResponse, HttpServer};
use actix_web_httpauth::extractors::basic::BasicAuth;
use sqlx::PgPool;
struct User { id: i64, hashed: String }
async fn find(db: &PgPool, sql: &'static str, value: &str) -> Result<User, Error> {
    sqlx::query_as::<_, User>(sql).bind(value).fetch_optional(db).await
        .map_err(ErrorInternalServerError)?.ok_or_else(|| ErrorUnauthorized("unknown"))
}
async fn signed_in(sent: BasicAuth, db: &PgPool) -> Result<User, Error> {
    let password = sent.password().unwrap_or("");
    if password.is_empty() {
        return find(db, "SELECT * FROM users WHERE key = $1", sent.user_id()).await;
    }
    let user = find(db, "SELECT * FROM users WHERE email = $1", sent.user_id()).await?;
    ${verify}
    Ok(user)
}
async fn me(sent: BasicAuth, db: web::Data<PgPool>) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(signed_in(sent, &db).await?.id))
}
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let db = PgPool::connect("x").await.unwrap();
    HttpServer::new(move || App::new().app_data(web::Data::new(db.clone())).route("/me", web::get().to(me)))
        .bind(("127.0.0.1", 3000))?.run().await
}
`;

const MANIFEST = `[package]
name = "port"
version = "0.1.0"
edition = "2021"
[dependencies]
actix-web = "4"
axum = "0.8"
`;
const found = async (python: string, rust: string) => {
  const result = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {});
  return result.findings.map(
    f => `${f.severity} ${f.rule} ${f.about}: ${/without \w+ing the signature|without the password|for ever/.exec(f.message)?.[0]}`,
  );
};

test.each<[string, string, string, string[]]>([
  ['a token, a password or a key', DECODE, VERIFY, []],
  [
    'a token whose signature is not verified',
    DECODE.replace('Validation::default', 'unchecked'),
    VERIFY,
    ['error guard-ineffective credential: without verifying the signature'],
  ],
  ['a token that never expires', DECODE.replace('Validation::default', 'endless'), VERIFY, ['warning guard-weakened credential: for ever']],
  ['a password that nobody asks for', DECODE, '', ['error guard-ineffective credential: without the password']],
  ['a password that is only noted', DECODE, 'tracing::info!(password);', ['error guard-ineffective credential: without the password']],
])('%s', async (_, read, verify, expected) => {
  expect(await found(ORIGINAL, port(read, verify))).toEqual(expected);
});

const AXUM = 'if !bcrypt::verify(sent.password(), &user.hashed).unwrap_or(false) { return Err(StatusCode::UNAUTHORIZED); }';
const ACTIX = 'if !bcrypt::verify(password, &user.hashed).unwrap_or(false) { return Err(ErrorUnauthorized("wrong")); }';
test.each<[string, string, string[]]>([
  ['a typed header', typed(AXUM), []],
  ['a typed header without it', typed(''), ['error guard-ineffective credential: without the password']],
  ['an extractor', validator(ACTIX), []],
  ['an extractor without it', validator(''), ['error guard-ineffective credential: without the password']],
])('a password in %s, where a key may stand alone', async (_, rust, expected) => {
  expect(await found(EITHER, rust)).toEqual(expected);
});
