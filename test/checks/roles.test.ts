/** Roles that are ranked: however one side asks for a rank, a port that asks for the same one keeps it, and one that asks for a lower one does not. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const original = (declared: string, refused: string): string => `from enum import Enum, IntEnum
from flask import Flask, abort, session
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__, static_folder=None)
db = SQLAlchemy(app)
class Member(db.Model):
    role: str
    club_id: int
    user_id: int
${declared}
@app.get("/clubs/<int:club_id>")
def show(club_id):
    if "uid" not in session:
        abort(401)
    member = Member.query.filter_by(club_id=club_id, user_id=session["uid"]).first()
    if member is None:
        abort(404)
    if ${refused}:
        abort(403)
    return ""
`;

const port = (
  declared: string,
  type: string,
  refused: string,
): string => `use axum::{extract::{Path, State}, http::StatusCode, routing::get, Router};
use sqlx::PgPool;
use tower_sessions::Session;
${declared}
struct Member { role: ${type} }
const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
async fn show(session: Session, State(db): State<PgPool>, Path(club_id): Path<i64>) -> Result<(), StatusCode> {
    let uid = session.get::<i64>("uid").await.map_err(|_| BROKEN)?.ok_or(StatusCode::UNAUTHORIZED)?;
    let member = sqlx::query_as!(Member, "SELECT role FROM members WHERE club_id = $1 AND user_id = $2", club_id, uid)
        .fetch_optional(&db).await.map_err(|_| BROKEN)?.ok_or(StatusCode::NOT_FOUND)?;
    if ${refused} { return Err(StatusCode::FORBIDDEN); }
    Ok(())
}
#[tokio::main]
async fn main() {
    let app = Router::new().route("/clubs/{club_id}", get(show)).with_state(PgPool::connect("x").await.unwrap());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`;

const MANIFEST =
  '[package]\nname = "port"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\ntower-sessions = "0.14"\n';

/** All of them ask for a coach or an owner. */
const ORIGINALS: Record<string, [string, string]> = {
  'a table of numbers': ['RANKS = {"guest": 0, "player": 1, "coach": 2, "owner": 3}', 'RANKS[member.role] < RANKS["coach"]'],
  'a table with a default': ['RANKS = {"guest": 0, "player": 1, "coach": 2, "owner": 3}', 'RANKS.get(member.role, -1) < RANKS["coach"]'],
  'a table of members': [
    'class Role(str, Enum):\n    GUEST = "guest"\n    PLAYER = "player"\n    COACH = "coach"\n    OWNER = "owner"\n' +
      'RANKS = {Role.GUEST: 0, Role.PLAYER: 1, Role.COACH: 2, Role.OWNER: 3}',
    'RANKS[Role(member.role)] < RANKS[Role.COACH]',
  ],
  'the place in a list': ['ORDER = ["guest", "player", "coach", "owner"]', 'ORDER.index(member.role) < ORDER.index("coach")'],
  'a set': ['LEADING = {"owner", "coach"}', 'member.role not in LEADING'],
  'one after the other': ['', 'member.role != "coach" and member.role != "owner"'],
  'members that are numbers': [
    'class Role(IntEnum):\n    GUEST = 0\n    PLAYER = 1\n    COACH = 2\n    OWNER = 3\n',
    'Role(member.role) < Role.COACH',
  ],
  'what each role may do': [
    'RIGHTS = {"guest": {"see"}, "player": {"see", "book"}, "coach": {"see", "book", "pay"}, "owner": {"see", "book", "pay", "sell"}}',
    '"pay" not in RIGHTS.get(member.role, set())',
  ],
};

const ROLE = '#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy, sqlx::Type)]\nenum Role { Guest, Player, Coach, Owner }\n';
const RANK = `${ROLE}impl Role { fn rank(self) -> u8 { match self { Role::Guest => 0, Role::Player => 1, Role::Coach => 2, Role::Owner => 3 } } }`;
const TEXT = 'fn rank(role: &str) -> i32 { match role { "guest" => 0, "player" => 1, "coach" => 2, "owner" => 3, _ => -1 } }';
const RIGHTS = `${ROLE}#[derive(PartialEq, Eq)]
enum Right { See, Book, Pay, Sell }
impl Role {
    fn rights(self) -> &'static [Right] {
        match self {
            Role::Guest => &[Right::See],
            Role::Player => &[Right::See, Right::Book],
            Role::Coach => &[Right::See, Right::Book, Right::Pay],
            Role::Owner => &[Right::See, Right::Book, Right::Pay, Right::Sell],
        }
    }
}`;

const SAME: Record<string, [string, string, string]> = {
  'the derived order': [ROLE, 'Role', 'member.role < Role::Coach'],
  'one of several': [ROLE, 'Role', '!matches!(member.role, Role::Coach | Role::Owner)'],
  'each compared': [ROLE, 'Role', 'member.role != Role::Owner && member.role != Role::Coach'],
  'a method': [`${ROLE}impl Role { fn leads(self) -> bool { matches!(self, Role::Owner | Role::Coach) } }`, 'Role', '!member.role.leads()'],
  'the arms of a match': [ROLE, 'Role', 'match member.role { Role::Coach | Role::Owner => false, Role::Guest | Role::Player => true }'],
  'a rank': [RANK, 'Role', 'member.role.rank() < Role::Coach.rank()'],
  'a number': [ROLE, 'Role', '(member.role as u8) < (Role::Coach as u8)'],
  'a rank of texts': [TEXT, 'String', 'rank(&member.role) < rank("coach")'],
  'a list of texts': ['const LEADING: &[&str] = &["coach", "owner"];', 'String', '!LEADING.contains(&member.role.as_str())'],
  'what each role may do': [RIGHTS, 'Role', '!member.role.rights().contains(&Right::Pay)'],
};

const WIDER: Record<string, [string, string, string]> = {
  'the derived order': [ROLE, 'Role', 'member.role < Role::Player'],
  'one of several': [ROLE, 'Role', '!matches!(member.role, Role::Player | Role::Coach | Role::Owner)'],
  'a rank': [RANK, 'Role', 'member.role.rank() < Role::Player.rank()'],
  'a rank of texts': [TEXT, 'String', 'rank(&member.role) <= rank("guest")'],
  'what each role may do': [
    RIGHTS.replace('Right::See, Right::Book]', 'Right::See, Right::Book, Right::Pay]'),
    'Role',
    '!member.role.rights().contains(&Right::Pay)',
  ],
};

const found = async (python: string, rust: string): Promise<string[]> => {
  const { findings } = await check(tree({ 'app.py': python }), tree({ 'src/main.rs': rust, 'Cargo.toml': MANIFEST }), {});
  return findings.map(f => f.rule);
};

describe.each(Object.entries(ORIGINALS))('asked for by %s', (_how, asked) => {
  test.each(Object.entries(SAME))('and by %s in the port', async (_what, theirs) => {
    expect(await found(original(...asked), port(...theirs))).toEqual([]);
  });

  test.each(Object.entries(WIDER))('and by %s, which lets in others', async (_what, theirs) => {
    expect(await found(original(...asked), port(...theirs))).toEqual(['guard-weakened']);
  });
});
