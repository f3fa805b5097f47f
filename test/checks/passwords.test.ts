/** What was sent is held against a password: where the original and the port each make that check, none is missed and none invented. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = `import hmac
import inspect
import os
from functools import wraps
from typing import get_type_hints

import bcrypt
import pydantic
from flask import Flask, abort, redirect, request
from models import Share, User

app = Flask(__name__, static_folder=None)


class Login(pydantic.BaseModel):
    password: str


def validate(view):
    model = get_type_hints(view).get(next(iter(inspect.signature(view).parameters), None))

    @wraps(view)
    def wrapper():
        try:
            return view(model(**request.json))
        except pydantic.ValidationError:
            abort(400)

    return wrapper


@app.post('/login')
@validate
def login(payload: Login):
    scheme = request.headers.get('Origin', '').lower()
    if payload.password != os.environ['OWNER']:
        abort(401)
    return {'scheme': scheme}


@app.post('/unlock')
def unlock():
    user = User.query.filter_by(name='owner').first_or_404()
    if not bcrypt.checkpw(request.form['password'].encode(), user.password_hash):
        abort(401)
    return redirect('/shelf', 303)


@app.post('/enter')
def enter():
    found = None
    for user in User.query.all():
        if bcrypt.checkpw(request.form['password'].encode(), user.password_hash):
            found = user
            break
    if found is None:
        abort(404)
    return {'name': found.name}


@app.get('/shared/<token>')
def shared(token):
    found = None
    for share in Share.query.all():
        if hmac.compare_digest(share.token, token):
            found = share
            break
    if found is None:
        abort(404)
    return {'name': found.name}
`;

const port = (login: string, unlock: string, enter = ENTERED, bad = 'BAD_REQUEST'): string => `use axum::{
    extract::{Form, FromRequest, Path, State}, http::{header::LOCATION, StatusCode}, response::{IntoResponse, Response},
    routing::{get, post}, Router,
};
use sqlx::PgPool;
struct Bad;
impl From<axum::extract::rejection::JsonRejection> for Bad { fn from(_: axum::extract::rejection::JsonRejection) -> Self { Bad } }
impl IntoResponse for Bad { fn into_response(self) -> Response { StatusCode::${bad}.into_response() } }
#[derive(FromRequest)]
#[from_request(via(axum::extract::Json), rejection(Bad))]
struct Json<T>(T);
#[derive(serde::Deserialize)]
struct Login { password: String }
struct User { id: i64, password_hash: String }
struct Share { name: String }
fn is_owner(password: &str) -> bool { password == std::env::var("OWNER").expect("OWNER is not set") }
fn verify(user: &User, password: &str) -> Result<(), StatusCode> {
    match bcrypt::verify(password, &user.password_hash) { Ok(true) => Ok(()), _ => Err(StatusCode::UNAUTHORIZED) }
}
async fn login(State(db): State<PgPool>, Json(body): Json<Login>) -> Result<StatusCode, StatusCode> {
    ${login}
    sqlx::query!("UPDATE visits SET n = n + 1").execute(&db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::NO_CONTENT)
}
async fn unlock(State(db): State<PgPool>, Form(body): Form<Login>) -> Result<Response, StatusCode> {
    let user = sqlx::query_as!(User, "SELECT * FROM users WHERE name = 'owner'").fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)?;
    ${unlock}
    let mut out = Response::new(axum::body::Body::empty());
    *out.status_mut() = StatusCode::SEE_OTHER;
    out.headers_mut().insert(LOCATION, "/shelf".parse().unwrap());
    Ok(out)
}
async fn enter(State(db): State<PgPool>, Form(body): Form<Login>) -> Result<String, StatusCode> {
    let users = sqlx::query_as!(User, "SELECT * FROM users").fetch_all(&db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    for user in users {
        ${enter}
    }
    Err(StatusCode::NOT_FOUND)
}
async fn shared(State(db): State<PgPool>, Path(token): Path<String>) -> Result<String, StatusCode> {
    let share = sqlx::query_as!(Share, "SELECT * FROM shares WHERE token = $1", token).fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)?;
    Ok(share.name)
}
#[tokio::main]
async fn main() {
    let db = PgPool::connect("x").await.unwrap();
    let app = Router::new().route("/login", post(login)).route("/unlock", post(unlock)).route("/enter", post(enter)).route("/shared/{token}", get(shared)).with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
`;

const ENTERED = 'if verify(&user, &body.password).is_ok() { return Ok(user.id.to_string()); }';
const OWNER = 'if !is_owner(&body.password) { return Err(StatusCode::UNAUTHORIZED); }';
const VERIFIED = 'verify(&user, &body.password)?;';
const lost = (what: string, status = 401): string =>
  `error guard-missing ${what} refuses a wrong password with ${status}; the port holds what was sent against none`;

const OTHER = 'note outcome-changed POST /login: the original answers bad input with 400; the port answers with 406';

test.each([
  ['each check is made', port(OWNER, VERIFIED), []],
  ['what does not fit the model is answered otherwise', port(OWNER, VERIFIED, ENTERED, 'NOT_ACCEPTABLE'), [OTHER]],
  ['nothing is held against the setting', port('let _ = body.password;', VERIFIED), [lost('POST /login: `app.login`')]],
  ['nothing is held against the account', port(OWNER, 'let _ = body.password;'), [lost('POST /unlock: `app.unlock`')]],
  [
    'nothing is held against each account',
    port(OWNER, VERIFIED, 'return Ok(user.id.to_string());'),
    [lost('POST /enter: `app.enter`', 404)],
  ],
])('%s', async (_, ported, expected) => {
  const python = tree({ 'app.py': original, 'models.py': MODELS, 'requirements.txt': 'Flask==3.1.0\nFlask-SQLAlchemy==3.1.1\n' });
  const rust = tree({ 'src/main.rs': ported, 'Cargo.toml': MANIFEST });
  const { findings } = await check(python, rust);
  expect(findings.map(f => `${f.severity} ${f.rule} ${f.endpoint.method} ${f.endpoint.path}: ${f.message}`)).toEqual(expected);
});

const MODELS = `from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    name = db.Column(db.String)
    password_hash = db.Column(db.String)


class Share(db.Model):
    name = db.Column(db.String)
    token = db.Column(db.String)
`;

const MANIFEST = `[package]
name = "port"
version = "0.1.0"
edition = "2021"

[dependencies]
axum = { version = "0.8", features = ["macros"] }
bcrypt = "0.15"
serde = { version = "1", features = ["derive"] }
sqlx = { version = "0.8", features = ["postgres"] }
tokio = { version = "1", features = ["full"] }
`;
