/** Guards of a port that protect nothing, in both Rust frameworks: which reason is given, and the line that is pointed at. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

/** What a handler does in place of its guard, and the reason that has to be given; `$` stands for the request's headers. */
const CASES: [path: string, guard: 'user' | 'admin', body: string, reason: string][] = [
  ['logged', 'user', 'if let Err(e) = find($).await { tracing::warn!("{e:?}"); }', 'when it fails, the request goes on'],
  ['printed', 'user', 'if find($).await.is_err() { eprintln!("refused"); }', 'when it fails, the request goes on'],
  ['noted', 'user', 'if find($).await.is_err() { note("refused"); }', 'when it fails, the request goes on'],
  ['forgiven', 'user', 'let _user = find($).await.ok();', 'its refusal is caught and dropped'],
  ['passed-over', 'user', 'if find($).await.is_err() {}', 'its refusal is caught and dropped'],
  ['discarded', 'user', 'let _ = find($).await;', 'its verdict is thrown away'],
  ['unawaited', 'user', 'let _ = find($);', 'it is never awaited, so that it does not run'],
  ['admin-logged', 'admin', 'if !user.admin { tracing::warn!("not admin"); }', 'when it fails, the request goes on'],
  ['admin-forgiven', 'admin', 'may(&user).or_else(|_| Ok::<(), Denied>(()))?;', 'its refusal is caught and dropped'],
  ['admin-discarded', 'admin', 'let _ = may(&user);', 'its verdict is thrown away'],
  ['admin-asked', 'admin', 'is_admin(&user);', 'its verdict is thrown away'],
  ['admin-reversed', 'admin', 'if user.admin { return Err(denied()); }', 'it refuses those whom it should admit, and admits the others'],
  ['never', 'user', 'if OFF { find($).await?; }', 'the code never runs'],
  ['never-not', 'user', 'if !ON && id() { find($).await?; }', 'the code never runs'],
  ['features', 'user', 'if cfg!(feature = "strict") && id() { find($).await?; }', 'it is compiled only under a condition'],
  ['tests', 'user', '#[cfg(test)] find($).await?;', 'it is compiled only under a condition'],
  ['behind', 'user', 'return names().await; find($).await?;', 'the code never runs'],
  ['behind-constant', 'user', 'if ON { return names().await; } find($).await?;', 'the code never runs'],
  [
    'behind-feature',
    'user',
    'if !cfg!(feature = "strict") { return names().await } find($).await?;',
    'it is compiled only under a condition',
  ],
  ['admin-behind', 'admin', 'return names().await; may(&user)?;', 'the code never runs'],
  ['admin-never', 'admin', 'if OFF { may(&user)?; }', 'the code never runs'],
  ['commented', 'user', '// find($).await?;', 'it stands in a comment'],
  ['commented-block', 'user', '/* let user = find($).await?; */', 'it stands in a comment'],
  ['commented-return', 'user', '// if find($).await.is_err() { return Err(denied()); }', 'it stands in a comment'],
  ['admin-commented', 'admin', '// may(&user)?;', 'it stands in a comment'],
  ['apart', 'user', 'SPAWN(async move { find($).await });', 'its verdict is thrown away'],
  ['built', 'user', 'if find($).await.is_err() { let _ = Err::<(), Denied>(denied()); }', 'its verdict is thrown away'],
  ['built-alone', 'user', 'if find($).await.is_err() { Err::<(), Denied>(denied()); }', 'its verdict is thrown away'],
  [
    'built-arm',
    'user',
    'match find($).await { Ok(_) => {} Err(_) => { let _ = Err::<(), Denied>(denied()); } }',
    'its verdict is thrown away',
  ],
  ['built-whole', 'user', 'let _ = if find($).await.is_err() { Err(denied()) } else { Ok(()) };', 'its verdict is thrown away'],
  [
    'built-named',
    'user',
    'if find($).await.is_err() { let _refused: Result<(), Denied> = Err(denied()); }',
    'its refusal is caught and dropped',
  ],
  ['named', 'user', 'let _found = find($).await;', 'its refusal is caught and dropped'],
  ['admin-built', 'admin', 'if !user.admin { let _ = Err::<(), Denied>(forbidden()); }', 'its verdict is thrown away'],
  ['parameter', 'user', '/* user: User */', 'it stands in a comment'],
  ['parameter-line', 'user', '// user: User,\n', 'it stands in a comment'],
  ['unchecked', 'user', 'user: Option<User>', 'it yields an optional identity that nothing checks'],
  ['unchecked-result', 'user', 'user: Result<User, Denied>', 'it yields an optional identity that nothing checks'],
  ['unchecked-own', 'user', 'user: Maybe', 'it yields an optional identity that nothing checks'],
];

const KEPT: typeof CASES = [
  ['checked', 'user', 'find($).await?;', ''],
  ['admin-checked', 'admin', 'may(&user)?;', ''],
  ['extracted', 'user', '_user: User', ''],
  ['features-off', 'user', 'if !cfg!(feature = "strict") { find($).await?; }', ''],
  ['constant', 'user', 'if ON { find($).await?; }', ''],
  ['commented-beside', 'user', 'find($).await?; /* find($).await?; */', ''],
  ['behind-kept', 'user', 'find($).await?; return names().await; find($).await?;', ''],
  ['parameter-too', 'user', '_user: User, /* other: User */', ''],
  ['apart-too', 'user', 'find($).await?; SPAWN(async move { find($).await });', ''],
];

const ORIGINAL = `from functools import wraps
from flask import Flask, abort, g, request
from models import Item, Session
app = Flask(__name__)
def user(view):
    @wraps(view)
    def inner(*args, **kwargs):
        session = Session.query.filter_by(token=request.headers.get("Authorization")).first()
        if session is None:
            abort(401)
        g.user = session.user
        return view(*args, **kwargs)
    return inner
def admin(view):
    @wraps(view)
    @user
    def inner(*args, **kwargs):
        if not g.user.admin:
            abort(403)
        return view(*args, **kwargs)
    return inner
`;

const original = (cases: typeof CASES): string =>
  ORIGINAL +
  cases
    .map(([path, guard]) => `@app.get("/${path}")\n@${guard}\ndef ${named(path)}():\n    return [i.name for i in Item.query.all()]\n`)
    .join('');

const named = (path: string): string => path.replaceAll('-', '_');

const FIND = `    sqlx::query_as::<_, User>("SELECT u.* FROM users u JOIN sessions s ON s.user_id = u.id WHERE s.token = ?")
        .bind(token).fetch_optional(pool()).await.map_err(|_| broken())?.ok_or_else(denied)
}
fn may(u: &User) -> Result<(), Denied> { if u.admin { Ok(()) } else { Err(forbidden()) } }
fn is_admin(u: &User) -> bool { u.admin }
const OFF: bool = false;
static ON: bool = true;
fn id() -> bool { std::env::var("ID").is_ok() }
fn note(what: &str) { println!("{what}"); }
#[derive(sqlx::FromRow)]
struct User { id: i64, admin: bool }
struct Maybe(Option<User>);
`;

const FRAMEWORKS = {
  axum: {
    dependency: 'axum = "0.8"',
    request: 'h: HeaderMap',
    headers: '&h',
    spawn: 'tokio::spawn',
    head: `use axum::{extract::{FromRequestParts, OptionalFromRequestParts}, http::{request::Parts, HeaderMap, StatusCode}, routing::get, Router};
type Denied = StatusCode;
fn denied() -> Denied { StatusCode::UNAUTHORIZED }
fn forbidden() -> Denied { StatusCode::FORBIDDEN }
fn broken() -> Denied { StatusCode::INTERNAL_SERVER_ERROR }
async fn find(h: &HeaderMap) -> Result<User, Denied> {
    let token = h.get("authorization").and_then(|v| v.to_str().ok()).ok_or_else(denied)?;
${FIND}impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Denied;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, Denied> { find(&p.headers).await }
}
impl<S: Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Denied;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Option<Self>, Denied> { Ok(find(&p.headers).await.ok()) }
}
impl<S: Sync> FromRequestParts<S> for Maybe {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(p: &mut Parts, _: &S) -> Result<Self, Self::Rejection> { Ok(Maybe(find(&p.headers).await.ok())) }
}
`,
    main: (paths: string[]) => `#[tokio::main]
async fn main() {
    let app = Router::new()${paths.map(p => `.route("/${p}", get(${named(p)}))`).join('')};
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`,
  },
  'actix-web': {
    dependency: 'actix-web = "4"',
    request: 'r: HttpRequest',
    headers: '&r',
    spawn: 'actix_web::rt::spawn',
    head: `use actix_web::{dev::Payload, error, web, App, FromRequest, HttpRequest, HttpServer};
use std::{future::Future, pin::Pin};
type Denied = actix_web::Error;
fn denied() -> Denied { error::ErrorUnauthorized("no") }
fn forbidden() -> Denied { error::ErrorForbidden("no") }
fn broken() -> Denied { error::ErrorInternalServerError("no") }
async fn find(r: &HttpRequest) -> Result<User, Denied> {
    let token = r.headers().get("authorization").and_then(|v| v.to_str().ok()).ok_or_else(denied)?;
${FIND}impl FromRequest for User {
    type Error = Denied;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Denied>>>>;
    fn from_request(r: &HttpRequest, _: &mut Payload) -> Self::Future { let r = r.clone(); Box::pin(async move { find(&r).await }) }
}
impl FromRequest for Maybe {
    type Error = Denied;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Denied>>>>;
    fn from_request(r: &HttpRequest, _: &mut Payload) -> Self::Future { let r = r.clone(); Box::pin(async move { Ok(Maybe(find(&r).await.ok())) }) }
}
`,
    main: (paths: string[]) => `#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| App::new()${paths.map(p => `.route("/${p}", web::get().to(${named(p)}))`).join('')})
        .bind("127.0.0.1:3000")?.run().await
}
`,
  },
} as const;

/** What is taken as a parameter, or stands among them in a comment. */
const PARAMETER = /^(?:\/[/*] )?\w+: /;

/** Rule, endpoint and reason of each finding, with the number of its line in what the handler has of its own. */
async function found(framework: keyof typeof FRAMEWORKS, cases: typeof CASES): Promise<string[]> {
  const { dependency, request, headers, spawn, head, main } = FRAMEWORKS[framework];
  const handler = ([path, guard, body]: (typeof CASES)[number]): string => {
    const parameter = PARAMETER.test(body);
    const params = [guard === 'admin' ? 'user: User' : request, ...(parameter ? [body] : [])].join(', ');
    const own = parameter ? '' : `    ${body.replaceAll('$', headers).replace('SPAWN', spawn)}\n`;
    return `async fn ${named(path)}(${params}) -> Result<String, Denied> {\n${own}    names().await\n}\n`;
  };
  const names = `async fn names() -> Result<String, Denied> {
    let all: Vec<String> = sqlx::query_scalar("SELECT name FROM items").fetch_all(pool()).await.map_err(|_| broken())?;
    Ok(all.join(","))
}
`;
  const port = head + names + cases.map(handler).join('') + main(cases.map(c => c[0]));
  const lines = port.split('\n');
  const { findings } = await check(
    tree({ 'app.py': original(cases), 'requirements.txt': 'Flask==3.1.0\n' }),
    tree({
      'Cargo.toml': `[package]\nname = "x"\nversion = "0.1.0"\n[features]\nstrict = []\n[dependencies]\n${dependency}\nsqlx = "0.8"\n`,
      'src/main.rs': port,
    }),
  );
  return findings
    .map(
      f =>
        `${f.rule} ${f.endpoint.path} ${/protects nothing: (.*?)\. In/.exec(f.message)?.[1]} | ${lines[(f.rust[0]?.line ?? 0) - 1]?.trim()}`,
    )
    .sort();
}

describe.each(['axum', 'actix-web'] as const)('%s', framework => {
  const { request, headers, spawn } = FRAMEWORKS[framework];

  test('each guard that protects nothing is told with its reason and its line', async () => {
    expect(await found(framework, CASES)).toEqual(
      CASES.map(([path, , body, reason]) => {
        const line = PARAMETER.test(body)
          ? `async fn ${named(path)}(${request}, ${body}) -> Result<String, Denied> {`.split('\n')[0]?.trim()
          : body.replaceAll('$', headers).replace('SPAWN', spawn);
        return `guard-ineffective /${path} ${reason} | ${line}`;
      }).sort(),
    );
  });

  test('comments that are no check are not', async () => {
    const prose: typeof CASES = [
      ['asked', 'user', '// May (whoever asks) see them? Everybody does.', ''],
      ['read', 'user', '// let n: i64 = "1".parse().map_err(|_| broken())?;', ''],
      ['described', 'user', '/* note: whoever asks */', ''],
      ['documented', 'user', '/** find($).await?; */', ''],
    ];
    expect((await found(framework, prose)).map(f => f.split(' ').slice(0, 2).join(' '))).toEqual([
      'guard-missing /asked',
      'guard-missing /described',
      'guard-missing /documented',
      'guard-missing /read',
    ]);
  });

  test('those that protect are not', async () =>
    expect((await found(framework, KEPT)).filter(f => !f.startsWith('guard-repeated-inline'))).toEqual([]));
});
