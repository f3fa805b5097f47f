/** A check that is content with any of several rights, in whatever order they are asked for: what a port may leave out of it. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = (refused: string): string => `import os
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlalchemy.orm import Session
app = FastAPI(openapi_url=None)
ADMINS = os.environ['ADMINS']
class User:
    id: int
    email: str
    is_staff: bool
    is_member: bool
    role: str
class Note:
    owner_id: int
def db() -> Session:
    return Session()
def user(request: Request, s: Session = Depends(db)) -> User:
    me = s.get(User, request.session.get("uid"))
    if me is None:
        raise HTTPException(status_code=401)
    return me
@app.delete("/notes/{id}")
def remove(id: int, me: User = Depends(user), s: Session = Depends(db)):
    note = s.get(Note, id)
    if note is None:
        raise HTTPException(status_code=404)
    if ${refused}:
        raise HTTPException(status_code=403)
    s.delete(note)
`;

const port = (
  refused: string,
): string => `use axum::{extract::{FromRequestParts, Path, State}, http::{request::Parts, StatusCode}, routing::delete, Router};
use sqlx::PgPool;
struct User { id: i64, is_staff: bool, is_member: bool, role: String }
struct Note { owner_id: i64 }
impl FromRequestParts<PgPool> for User {
    type Rejection = StatusCode;
    async fn from_request_parts(parts: &mut Parts, db: &PgPool) -> Result<Self, StatusCode> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        sqlx::query_as!(User, "SELECT * FROM users WHERE token = $1", token).fetch_optional(db).await
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::UNAUTHORIZED)
    }
}
async fn remove(me: User, State(db): State<PgPool>, Path(id): Path<i64>) -> Result<(), StatusCode> {
    let note = sqlx::query_as!(Note, "SELECT owner_id FROM notes WHERE id = $1", id).fetch_optional(&db).await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::NOT_FOUND)?;
    if ${refused} {
        return Err(StatusCode::FORBIDDEN);
    }
    sqlx::query!("DELETE FROM notes WHERE id = $1", id).execute(&db).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/notes/{id}", delete(remove)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const MANIFEST = '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\n';
const found = async (python: string, rust: string) =>
  (await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {})).findings;

const STAFF_OR_OWNER = 'not me.is_staff and note.owner_id != me.id';
const EITHER_ROLE = 'not me.is_staff and me.role != "editor"';

test.each<[string, string, string, string[]]>([
  ['the other way round', STAFF_OR_OWNER, 'note.owner_id != me.id && !me.is_staff', []],
  ['as one that is denied', STAFF_OR_OWNER, '!(me.is_staff || note.owner_id == me.id)', []],
  ['only the owner', STAFF_OR_OWNER, 'note.owner_id != me.id', []],
  ['only staff', STAFF_OR_OWNER, '!me.is_staff', []],
  ['both at once', STAFF_OR_OWNER, '!me.is_staff || note.owner_id != me.id', []],
  ['three of them', `${EITHER_ROLE} and note.owner_id != me.id`, 'note.owner_id != me.id && me.role != "editor" && !me.is_staff', []],
  ['two roles, asked for in two ways', EITHER_ROLE, 'me.role != "editor" && !me.is_staff', []],
  ['another role', STAFF_OR_OWNER, '!me.is_member && note.owner_id != me.id', ['error guard-weakened authz: `is_staff`']],
  ['another one of two roles', EITHER_ROLE, 'me.role != "editor" && !me.is_member', ['error guard-weakened authz: `is_staff|editor`']],
  [
    'one more than the owner',
    'note.owner_id != me.id',
    '!me.is_staff && note.owner_id != me.id',
    ['error guard-weakened ownership: another right'],
  ],
  ['one more than staff', 'not me.is_staff', '!me.is_staff && note.owner_id != me.id', ['error guard-weakened authz: `is_staff`']],
  [
    'a role in place of a right without a name',
    'me.email not in ADMINS and note.owner_id != me.id',
    '!me.is_member',
    ['error guard-missing ownership: '],
  ],
  ['nothing of it', STAFF_OR_OWNER, 'false', ['error guard-missing authz: `is_staff`']],
])('%s', async (_, python, rust, expected) => {
  const findings = await found(original(python), port(rust));
  expect(findings.map(f => `${f.severity} ${f.rule} ${f.about}: ${/`is_\w+(?:\|\w+)?`|another right/.exec(f.message)?.[0] ?? ''}`)).toEqual(
    expected,
  );
});

test('that there is a row may be asked together with whose it is', async () => {
  const python = original(STAFF_OR_OWNER)
    .replace('    if note is None:\n        raise HTTPException(status_code=404)\n', '')
    .replace('not me.is_staff and note.owner_id != me.id', '(note is None or note.owner_id != me.id) and not me.is_staff')
    .replace('    s.delete(note)', '    if note is None:\n        raise HTTPException(status_code=404)\n    s.delete(note)');
  const rust = port('X')
    .replace('?.ok_or(StatusCode::NOT_FOUND)?;\n    if X', '?;\n    if !note.as_ref().is_some_and(|n| n.owner_id == me.id) && !me.is_staff')
    .replace('    sqlx::query!', '    let _note = note.ok_or(StatusCode::NOT_FOUND)?;\n    sqlx::query!');
  expect(await found(python, rust)).toEqual([]);
  const lost = await found(python, rust.replace('n.owner_id == me.id', 'n.owner_id > 0'));
  expect(lost.map(f => `${f.severity} ${f.rule} ${f.about}`)).toEqual(['error guard-missing ownership', 'error guard-weakened authz']);
});

test('a row that keeps the caller out is no comparison that the port turned round', async () => {
  const row = `    if s.query(Member).filter_by(note=id, user=me.id).first() is None:
        raise HTTPException(status_code=404)
    s.delete(note)`;
  const python = original('me.role and note.owner_id and note.owner_id != me.id').replace('    s.delete(note)', row);
  const rust = port('!me.role.is_empty() && note.owner_id != 0 && note.owner_id != me.id');
  const findings = await found(python, rust);
  expect(findings.map(f => `${f.rule}: ${/the port has no such check|another right is enough/.exec(f.message)?.[0]}`)).toEqual([
    'guard-weakened: the port has no such check',
  ]);
});

describe('a right that is enough for several checks, one after the other', () => {
  const both = original('not me.is_staff and note.owner_id != me.id').replace(
    '    s.delete(note)',
    '    if not me.is_staff and me.role == "reader":\n        raise HTTPException(status_code=403)\n    s.delete(note)',
  );
  test.each<[string, string, number]>([
    ['a port that insists on it asks for more', '!me.is_staff', 0],
    ['one that asks for another does not', '!me.is_member', 3],
    ['one that asks for nothing does not', 'false', 1],
  ])('%s', async (_, rust, lost) => {
    const findings = await found(both, port(rust));
    expect(findings.filter(f => f.severity === 'error')).toHaveLength(lost);
    // Only where nobody is turned away they are let in.
    expect(findings.some(f => f.message.includes('lets them in'))).toBe(rust === 'false');
  });

  test('not where something is asked of everybody', async () => {
    const everybody = both.replace('not me.is_staff and note.owner_id', 'note.owner_id');
    expect((await found(everybody, port('!me.is_staff'))).map(f => f.about)).toContain('ownership');
  });
});
