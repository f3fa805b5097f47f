/** A right that is asked for before some rows only: everybody gets in to the others, and nobody to these by not being signed in. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const ORIGINAL = `from flask import Flask, abort, session
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
db = SQLAlchemy(app)
class User(db.Model):
    is_editor: bool
class Page(db.Model):
    public: bool
@app.get("/pages/<slug>")
def show(slug):
    page = Page.query.filter_by(slug=slug).first_or_404()
    me = db.session.get(User, session["uid"]) if "uid" in session else None
    if not page.public and (me is None or not me.is_editor):
        abort(404)
    return page.text
`;

const port = (
  refused: string,
): string => `use axum::{extract::{FromRequestParts, Path, State}, http::{request::Parts, StatusCode}, routing::get, Router};
use sqlx::PgPool;
use tower_sessions::Session;
struct User { is_editor: bool }
struct Page { public: bool, text: String }
async fn show(session: Session, State(db): State<PgPool>, Path(slug): Path<String>) -> Result<String, StatusCode> {
    let page = sqlx::query_as!(Page, "SELECT public, text FROM pages WHERE slug = $1", slug).fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)?;
    let me = match session.get::<i64>("uid").await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)? {
        Some(id) => sqlx::query_as!(User, "SELECT is_editor FROM users WHERE id = $1", id).fetch_optional(&db).await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?,
        None => None,
    };
    if !page.public && ${refused} {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(page.text)
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/pages/{slug}", get(show)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const MANIFEST =
  '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\ntower-sessions = "0.14"\n';

const OTHERS = 'guard-weakened: in the original nobody gets past `app.show` without `is_editor`; in the port others do (`show`)';

test.each<[string, string, string[]]>([
  ['asked of whoever is there, and of nobody else', '!me.is_some_and(|me| me.is_editor)', []],
  ['as a match', 'match &me { Some(me) => !me.is_editor, None => true }', []],
  ['past which those get who are not signed in', '!me.is_none_or(|me| me.is_editor)', [OTHERS]],
  ['as a match that lets them by', 'match &me { Some(me) => !me.is_editor, None => false }', [OTHERS]],
])('a right before some rows: %s', async (_what, refused, told) => {
  const { findings } = await check(tree({ 'app.py': ORIGINAL }), tree({ 'src/main.rs': port(refused), 'Cargo.toml': MANIFEST }), {});
  expect(findings.map(f => `${f.rule}: ${f.message}`)).toEqual(told);
});
