/** Layers of a port that stand where they protect nothing, or others: the reason, and the line that is pointed at. */
import { check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const ORIGINAL = `from flask import Flask, abort, request
from models import Item, Session
app = Flask(__name__)
def guarded():
    if Session.query.filter_by(token=request.headers.get("Authorization")).first() is None:
        abort(401)
@app.get("/open")
def public():
    return "open"
@app.get("/a/list")
def listed():
    guarded()
    return [i.name for i in Item.query.all()]
@app.post("/a/list")
def added():
    guarded()
    return [i.name for i in Item.query.all()]
`;

const FIND = `    let token = h.get("authorization").and_then(|v| v.to_str().ok()).ok_or_else(denied)?;
    sqlx::query("SELECT 1 FROM sessions WHERE token = ?").bind(token).fetch_optional(pool()).await.map_err(|_| broken())?.ok_or_else(denied)?;
`;
const NAMES = `{ sqlx::query_scalar("SELECT name FROM items").fetch_all(pool()).await.map(|a: Vec<String>| a.join(",")).map_err(|_| broken()) }`;

const HEAD = {
  axum: `use axum::{extract::Request, http::StatusCode, middleware::{from_fn, Next}, response::Response, routing::{get, post}, Router};
fn denied() -> StatusCode { StatusCode::UNAUTHORIZED }
fn broken() -> StatusCode { StatusCode::INTERNAL_SERVER_ERROR }
async fn signed_in(r: Request, next: Next) -> Result<Response, StatusCode> {
    let h = r.headers();
${FIND}    Ok(next.run(r).await)
}
async fn timed(r: Request, next: Next) -> Response { next.run(r).await }
async fn public() -> &'static str { "open" }
async fn listed() -> Result<String, StatusCode> ${NAMES}
async fn added() -> Result<String, StatusCode> ${NAMES}
`,
  actix: `use actix_web::{body::MessageBody, dev::{ServiceRequest, ServiceResponse}, error, middleware::{from_fn, Next}, web, App, Error, HttpServer};
fn denied() -> Error { error::ErrorUnauthorized("no") }
fn broken() -> Error { error::ErrorInternalServerError("no") }
async fn signed_in(r: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let h = r.headers();
${FIND}    next.call(r).await
}
async fn public() -> &'static str { "open" }
async fn listed() -> Result<String, Error> ${NAMES}
async fn added() -> Result<String, Error> ${NAMES}
`,
};

const MAIN = {
  axum: (body: string) => `#[tokio::main]
async fn main() {
${body}
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap(), app).await.unwrap();
}
`,
  actix: (body: string) => `#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| {
${body}
    }).bind("127.0.0.1:3000")?.run().await
}
`,
};

const DEPENDENCY = { axum: 'axum = "0.8"', actix: 'actix-web = "4.14"' };

/** Endpoint, rule, reason and line of each finding. */
async function found(framework: keyof typeof HEAD, body: string): Promise<string[]> {
  const port = HEAD[framework] + MAIN[framework](body);
  const lines = port.split('\n');
  const { findings } = await check(
    tree({ 'app.py': ORIGINAL, 'requirements.txt': 'Flask==3.1.0\n' }),
    tree({
      'Cargo.toml': `[package]\nname = "x"\nversion = "0.1.0"\n[features]\nstrict = []\n[dependencies]\n${DEPENDENCY[framework]}\nsqlx = "0.8"\n`,
      'src/main.rs': port,
    }),
  );
  return findings
    .filter(f => f.rule !== 'endpoint-extra')
    .flatMap(f => {
      const why = /`(\w+)` (?:protects|does not protect)[^:]*: (.*?)\. In/.exec(f.message);
      const at = lines[(f.rust[0]?.line ?? 0) - 1]?.trim();
      const what = why ? ` ${why[1]}: ${why[2]} | ${at}` : '';
      return (f.endpoints?.length ? f.endpoints : [f.endpoint]).map(e => `${e.method} ${e.path} ${f.rule}${what}`);
    })
    .sort();
}

const ORDER = 'it is attached to the router where it does not cover this route';
const GATED = 'it is compiled only under a condition';
const COMMENT = 'it stands in a comment';
const NEVER = 'it is defined and never attached';
const FUNCTION = 'async fn signed_in(r: Request, next: Next) -> Result<Response, StatusCode> {';
const ACTIX_FUNCTION =
  'async fn signed_in(r: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {';
const both = (why: string, line: string): string[] =>
  ['GET', 'POST'].map(m => `${m} /a/list guard-ineffective signed_in: ${why} | ${line}`);

const PUBLIC = '        .route("/open", get(public))';
const LISTED = '        .route("/a/list", get(listed).post(added))';
const LAYER = '        .layer(from_fn(signed_in))';

test.each<[string, string, string[]]>([
  ['covers its routes', `    let app = Router::new()\n${LISTED}\n${LAYER}\n${PUBLIC};`, []],
  ['comes before all routes', `    let app = Router::new()\n${LAYER}\n${LISTED}\n${PUBLIC};`, both(ORDER, LAYER.trim())],
  [
    'comes before the route',
    `    let app = Router::new()\n        .route("/b", get(public))\n${LAYER}\n${LISTED}\n${PUBLIC};`,
    both(ORDER, LAYER.trim()),
  ],
  [
    'comes before one of the methods',
    `    let app = Router::new()\n${PUBLIC}\n        .route("/a/list", get(listed).layer(from_fn(signed_in)).post(added));`,
    [`POST /a/list guard-ineffective signed_in: ${ORDER} | .route("/a/list", get(listed).layer(from_fn(signed_in)).post(added));`],
  ],
  [
    'refuses nobody, beside one that does, elsewhere',
    `    let own = Router::new().route("/b", get(public)).layer(from_fn(signed_in));
    let app = Router::new().merge(own)\n        .route("/c", get(public)).layer(from_fn(timed))\n${LISTED}\n${PUBLIC};`,
    ['GET /a/list guard-missing', 'POST /a/list guard-missing'],
  ],
  [
    'is added behind a feature',
    `    let app = Router::new()\n${LISTED};\n    #[cfg(feature = "strict")]\n    let app = app.layer(from_fn(signed_in));\n    let app = app\n${PUBLIC};`,
    both(GATED, 'let app = app.layer(from_fn(signed_in));'),
  ],
  [
    'is added behind the question for a feature',
    `    let mut app = Router::new()\n${LISTED};\n    if cfg!(feature = "strict") {\n        app = app.layer(from_fn(signed_in));\n    }\n    let app = app\n${PUBLIC};`,
    both(GATED, 'app = app.layer(from_fn(signed_in));'),
  ],
  [
    'is added where nothing runs',
    `    let app = Router::new()\n${LISTED};\n    let app = if false { app.layer(from_fn(signed_in)) } else { app };\n    let app = app\n${PUBLIC};`,
    both('the code never runs', 'let app = if false { app.layer(from_fn(signed_in)) } else { app };'),
  ],
  [
    'is left out where it is added twice',
    `    let app = Router::new()\n${LISTED}\n${LAYER};\n    #[cfg(feature = "strict")]\n    let app = app.layer(from_fn(signed_in));\n    let app = app\n${PUBLIC};`,
    [],
  ],
  [
    'stands in a comment behind its routes',
    `    let app = Router::new()\n${LISTED} // all of them\n        // .layer(from_fn(signed_in))\n${PUBLIC};`,
    both(COMMENT, '// .layer(from_fn(signed_in))'),
  ],
  [
    'stands in a comment of several lines at the end',
    `    let own = Router::new()\n${LISTED}\n        // only for them:\n        // .layer(\n        //     from_fn(signed_in),\n        // )\n        ;
    let app = Router::new().merge(own)\n${PUBLIC};`,
    both(COMMENT, '// .layer('),
  ],
  [
    'stands in a comment between others',
    `    let app = Router::new()\n${LISTED}\n        /* .route_layer(from_fn(signed_in)) */\n        .layer(from_fn(timed))\n${PUBLIC};`,
    both(COMMENT, '/* .route_layer(from_fn(signed_in)) */'),
  ],
  [
    'is added by a statement in a comment',
    `    let app = Router::new()\n${LISTED};\n    // let app = app.layer(from_fn(signed_in));\n    let app = app\n${PUBLIC};`,
    both(COMMENT, '// let app = app.layer(from_fn(signed_in));'),
  ],
  [
    'stands in a comment behind one of the methods',
    `    let app = Router::new()\n${PUBLIC}\n        .route("/a/list", post(added)
            // .layer(from_fn(signed_in))
            .get(listed).layer(from_fn(timed)));`,
    [
      `GET /a/list guard-ineffective signed_in: ${NEVER} | ${FUNCTION}`,
      `POST /a/list guard-ineffective signed_in: ${COMMENT} | // .layer(from_fn(signed_in))`,
    ],
  ],
  [
    'stands in a comment before its routes',
    `    let app = Router::new()\n        // .layer(from_fn(signed_in))\n${LISTED}\n${PUBLIC};`,
    both(NEVER, FUNCTION),
  ],
  [
    'stands in a comment beside one that covers them',
    `    let app = Router::new()\n${LISTED}\n${LAYER}\n        // .layer(from_fn(signed_in))\n${PUBLIC};`,
    [],
  ],
  [
    'is made of a function that nothing names',
    `    let app = Router::new()\n${LISTED}\n        .layer(from_fn(timed))\n${PUBLIC};`,
    both(NEVER, FUNCTION),
  ],
])('axum: a layer that %s', async (_, body, expected) => expect(await found('axum', body)).toEqual(expected));

const OPEN = '            .route("/open", web::get().to(public))';
const SCOPED = 'web::scope("/a").route("/list", web::get().to(listed)).route("/list", web::post().to(added))';
const WRAP = '.wrap(from_fn(signed_in))';

test.each<[string, string, string[]]>([
  ['covers its scope', `        App::new()\n${OPEN}\n            .service(${SCOPED}${WRAP})`, []],
  [
    'comes before the routes of its scope',
    `        App::new()\n${OPEN}\n            .service(${SCOPED.replace('.route', `${WRAP}.route`)})`,
    [],
  ],
  [
    'covers a scope without routes',
    `        App::new()\n${OPEN}\n            .service(${SCOPED})\n            .service(web::scope("/a")${WRAP})`,
    both(ORDER, `.service(web::scope("/a")${WRAP})`),
  ],
  [
    'covers a scope beside the route',
    `        App::new()\n${OPEN}\n            .route("/a/list", web::post().to(added))
            .service(web::scope("/a").route("/list", web::get().to(listed))${WRAP})`,
    [`POST /a/list guard-ineffective signed_in: ${ORDER} | .service(web::scope("/a").route("/list", web::get().to(listed))${WRAP})`],
  ],
  [
    'covers a scope of another path',
    `        App::new()\n${OPEN}\n            .service(${SCOPED})\n            .service(web::scope("/b")${WRAP})`,
    ['GET /a/list guard-missing', 'POST /a/list guard-missing'],
  ],
  [
    'is added behind a feature',
    `        let app = App::new()\n${OPEN};\n        #[cfg(feature = "strict")]\n        let app = app${WRAP};\n        app.service(${SCOPED})`,
    both(GATED, `let app = app${WRAP};`),
  ],
  [
    'is added to a scope behind a feature',
    `        let a = ${SCOPED};\n        #[cfg(feature = "strict")]\n        let a = a${WRAP};\n        App::new()\n${OPEN}\n            .service(a)`,
    both(GATED, `let a = a${WRAP};`),
  ],
  [
    'stands in a comment of the application',
    `        App::new()\n${OPEN}\n            // ${WRAP}\n            .service(${SCOPED})`,
    both(COMMENT, `// ${WRAP}`),
  ],
  [
    'stands in a comment of a scope',
    `        App::new()\n${OPEN}\n            .service(web::scope("/a")\n                // ${WRAP}\n                ${SCOPED.replace('web::scope("/a")', '')})`,
    both(COMMENT, `// ${WRAP}`),
  ],
  [
    'stands in a comment of a resource',
    `        App::new()\n${OPEN}\n            .service(web::resource("/a/list").route(web::get().to(listed)).route(web::post().to(added))\n                // ${WRAP}\n            )`,
    both(COMMENT, `// ${WRAP}`),
  ],
  ['is made of a function that nothing names', `        App::new()\n${OPEN}\n            .service(${SCOPED})`, both(NEVER, ACTIX_FUNCTION)],
])('actix-web: a wrap that %s', async (_, body, expected) => expect(await found('actix', body)).toEqual(expected));
