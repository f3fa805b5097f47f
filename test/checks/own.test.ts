/** Rules that keep somebody from doing something to what is his own, and answers to a wrong password that look like success. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const MANIFEST = '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\n';
const found = async (python: string, rust: string) => {
  const result = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {});
  return result.findings.map(f => `${f.severity} ${f.rule}: ${f.message}`);
};

const original = (refused: string, status: number): string => `from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy.orm import Session
app = FastAPI(openapi_url=None)
class User:
    id: int
    is_admin: bool
def db() -> Session:
    return Session()
def user(request: Request, s: Session = Depends(db)) -> User:
    me = s.get(User, request.session.get("uid"))
    if me is None:
        raise HTTPException(status_code=401)
    return me
@app.delete("/users/{id}")
def remove(id: int, me: User = Depends(user), s: Session = Depends(db)):
    if not me.is_admin:
        raise HTTPException(status_code=403)
    row = s.get(User, id)
    if row is None:
        raise HTTPException(status_code=404)
    if ${refused}:
        raise HTTPException(status_code=${status})
    s.delete(row)
`;

const port = (
  refused: string,
  status: string,
): string => `use axum::{extract::{FromRequestParts, Path, State}, http::{request::Parts, StatusCode}, routing::delete, Router};
use sqlx::PgPool;
struct User { id: i64, is_admin: bool }
impl FromRequestParts<PgPool> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(parts: &mut Parts, db: &PgPool) -> Result<Self, StatusCode> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        sqlx::query_as!(User, "SELECT * FROM users WHERE token = $1", token).fetch_optional(db).await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
    }
}
async fn remove(me: User, State(db): State<PgPool>, Path(id): Path<i64>) -> Result<(), StatusCode> {
    if !me.is_admin {
        return Err(StatusCode::FORBIDDEN);
    }
    let row = sqlx::query_as!(User, "SELECT * FROM users WHERE id = $1", id).fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)?;
    if ${refused} {
        return Err(StatusCode::${status});
    }
    sqlx::query!("DELETE FROM users WHERE id = $1", row.id).execute(&db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/users/{id}", delete(remove)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const LOST = 'warning outcome-missing: the original answers those whose own it is with';
test.each<[string, string, number, string, string, string[]]>([
  ['the row', 'row.id == me.id', 403, 'row.id == me.id', 'FORBIDDEN', []],
  ['what was asked for', 'id == me.id', 400, 'me.id == row.id', 'BAD_REQUEST', []],
  ['another answer', 'id == me.id', 400, 'me.id == id', 'CONFLICT', []],
  ['nothing', 'row.id == me.id', 403, 'false', 'FORBIDDEN', [`${LOST} 403; the port has no such exit`]],
  ['nothing of it', 'id == me.id', 400, 'false', 'BAD_REQUEST', [`${LOST} 400; the port has no such exit`]],
  ['something else', 'id == me.id', 403, 'id == 0', 'FORBIDDEN', [`${LOST} 403; the port has no such exit`]],
])('nobody may remove himself: %s', async (_, python, status, rust, code, expected) => {
  expect(await found(original(python, status), port(rust, code))).toEqual(expected);
});

const ONE = `    if user is not None and check_password_hash(user.password_hash, request.form['password']):
        session['uid'] = user.id
        return redirect('/')
    return render_template('login.html', error='Invalid email or password.')`;
const TWO = `    if user is None:
        return render_template('login.html', error='Unknown user')
    if not check_password_hash(user.password_hash, request.form['password']):
        return render_template('login.html', error='Wrong password')
    session['uid'] = user.id
    return redirect('/')`;
const WRITTEN = `    if user is None or not check_password_hash(user.password_hash, request.form['password']):
        return jsonify(ok=False)
    session['uid'] = user.id
    return jsonify(ok=True)`;

const page = (body: string): string => `from flask import Flask, jsonify, redirect, render_template, request, session
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash
app = Flask(__name__)
db = SQLAlchemy(app)
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String)
    password_hash = db.Column(db.String)
@app.route('/login', methods=['POST'])
def login():
    user = User.query.filter_by(email=request.form['email']).first()
${body}
`;

const login = (
  verify: string,
): string => `use axum::{extract::{Form, State}, http::StatusCode, response::{Html, IntoResponse, Redirect, Response}, routing::post, Router};
use sqlx::PgPool;
use tower_sessions::Session;
struct User { id: i64, hashed: String }
struct Login { email: String, password: String }
async fn login(State(db): State<PgPool>, session: Session, Form(sent): Form<Login>) -> Result<Response, StatusCode> {
    let user = sqlx::query_as!(User, "SELECT * FROM users WHERE email = $1", sent.email).fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let Some(user) = user else { return Ok(Html("unknown").into_response()) };
    ${verify}
    session.insert("uid", user.id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to("/").into_response())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/login", post(login)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const AGAIN = 'if !bcrypt::verify(&sent.password, &user.hashed).unwrap_or(false) { return Ok(Html("wrong").into_response()); }';
const DENIED = 'if !bcrypt::verify(&sent.password, &user.hashed).unwrap_or(false) { return Err(StatusCode::UNAUTHORIZED); }';
const NONE = 'error guard-missing: `app.login` refuses a wrong password with 200; the port holds what was sent against none';
test.each<[string, string, string, string[]]>([
  ['a page', ONE, AGAIN, []],
  ['a page for each reason', TWO, AGAIN, []],
  ['a reply', WRITTEN, AGAIN, []],
  [
    'a page, and 401 in the port',
    ONE,
    DENIED,
    ['warning outcome-changed: the original answers a wrong credential with 200; the port answers with 401'],
  ],
  ['a page, and nothing in the port', ONE, '', [NONE]],
  ['a page for each reason, and one in the port', TWO, '', [NONE]],
  ['a reply, and nothing in the port', WRITTEN, '', [NONE]],
])('a wrong password is answered with %s', async (_, python, rust, expected) => {
  expect(await found(page(python), login(rust))).toEqual(expected);
});
