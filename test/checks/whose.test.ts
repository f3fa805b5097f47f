/** Whose row it is: what the port compares in place of the owner, what switches the comparison off, and what it says where it is not his. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const ORIGINAL = `from flask import Flask, abort, session
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__, static_folder=None)
db = SQLAlchemy(app)
class User(db.Model):
    id: int
class Note(db.Model):
    id: int
    owner_id: int
@app.post("/notes/<int:note_id>/delete")
def remove(note_id):
    me = db.session.get(User, session["uid"]) if "uid" in session else None
    if me is None:
        abort(401)
    note = db.session.get(Note, note_id)
    if note is None or note.owner_id != me.id:
        abort(404)
    db.session.delete(note)
    return ""
`;

const port = (body: string): string => `use axum::{extract::{Path, State}, http::{HeaderMap, StatusCode}, routing::post, Router};
use sqlx::PgPool;
use tower_sessions::Session;
struct User { id: i64 }
#[derive(Default)]
struct Note { id: i64, owner_id: i64 }
const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
async fn note_of(db: &PgPool, id: i64) -> Result<Note, StatusCode> {
    sqlx::query_as!(Note, "SELECT id, owner_id FROM notes WHERE id = $1", id).fetch_optional(db).await.map_err(|_| BROKEN)?.ok_or(StatusCode::NOT_FOUND)
}
async fn remove(session: Session, headers: HeaderMap, State(db): State<PgPool>, Path(id): Path<i64>) -> Result<(), StatusCode> {
    let uid = session.get::<i64>("uid").await.map_err(|_| BROKEN)?.ok_or(StatusCode::UNAUTHORIZED)?;
    let me = sqlx::query_as!(User, "SELECT id FROM users WHERE id = $1", uid).fetch_optional(&db).await.map_err(|_| BROKEN)?.ok_or(StatusCode::UNAUTHORIZED)?;
    ${body}
    Ok(())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/notes/{id}/delete", post(remove)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const refused = (condition: string): string => `let note = note_of(&db, id).await?;
    if ${condition} { return Err(StatusCode::NOT_FOUND); }
    sqlx::query!("DELETE FROM notes WHERE id = $1", note.id).execute(&db).await.map_err(|_| BROKEN)?;`;
const deleted = 'sqlx::query!("DELETE FROM notes WHERE id = $1 AND owner_id = $2", id, me.id).execute(&db).await.map_err(|_| BROKEN)?';

const MANIFEST =
  '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\ntower-sessions = "0.14"\n';

test.each<[string, string, string[]]>([
  ['the owner is compared', refused('note.owner_id != me.id'), []],
  [
    'the number of the row is compared with that of the account',
    refused('note.id != me.id'),
    [
      "guard-weakened: `app.remove` turns away some of those who are signed in, with 404; the port compares the row's own number with the caller's",
    ],
  ],
  [
    'a word that stands in the source',
    refused('headers.get("x-dev").is_none_or(|word| word != "letmein") && note.owner_id != me.id'),
    [
      'guard-ineffective: `remove` protects nothing: it can be switched off, by a setting that is not there or by what is sent. In the original `app.remove` keeps anyone who is signed in out',
    ],
  ],
  [
    'a header that is a second question',
    refused('headers.get("x-dev").is_some_and(|word| word == "strict") || note.owner_id != me.id'),
    [],
  ],
  [
    'only own rows are deleted, and it is said where there was none',
    `if ${deleted}.rows_affected() == 0 { return Err(StatusCode::NOT_FOUND); }`,
    [],
  ],
  [
    'only own rows are deleted, and nothing is said where there was none',
    `${deleted};`,
    ['outcome-missing: the original answers those whose own it is not with 404; the port has no such exit'],
  ],
])('%s', async (_, body, expected) => {
  const py = tree({ 'app.py': ORIGINAL, 'requirements.txt': 'flask\nflask-sqlalchemy\n' });
  const rs = tree({ 'Cargo.toml': MANIFEST, 'src/main.rs': port(body) });
  const { findings } = await check(py, rs);
  expect(findings.map(f => `${f.rule}: ${f.message}`)).toEqual(expected);
});
