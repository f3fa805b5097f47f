// @ts-check
/** Programs that are made to exhaust whoever reads them. Each is a small application with something at its heart that grows without an end. */

/**
 * @typedef {object} Bomb
 * @property {string} name
 * @property {'python' | 'rust'} language
 * @property {Record<string, string>} files text by path
 */

const FLASK = `from flask import Flask, Blueprint, abort, request, redirect, session, g
from functools import wraps
app = Flask(__name__)
`;
const AXUM = `use axum::{Router, routing::get, extract::{Path, FromRequestParts}, http::{StatusCode, request::Parts}, middleware, response::IntoResponse};
`;
const MAIN = '#[tokio::main]\nasync fn main() { axum::serve(listener(), app()).await.unwrap(); }\n';
const CARGO = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\naxum = "0.8"\ntokio = "1"\n';

/** @param {number} n @param {(i: number) => string} f */
const times = (n, f) => Array.from({ length: n }, (_, i) => f(i)).join('');

/** @param {string} body statements of a handler's body */
const handler = body => `${FLASK}@app.route('/x')\ndef x():\n${indent(body)}\n    return 'ok'\n`;
/** @param {string} text */
const indent = text => text.replace(/^(?=.)/gm, '    ');
/** @param {string} body statements of a handler's body @param {string} [items] */
const rustHandler = (body, items = '') =>
  `${AXUM}${items}async fn x(p: Path<String>) -> Result<String, StatusCode> {\n${body}\n    Ok(String::new())\n}\npub fn app() -> Router { Router::new().route("/x/{id}", get(x)) }\n${MAIN}`;

/** @type {Record<string, string>} */
const python = {
  'parentheses, 10000 deep': handler(`y = ${'('.repeat(10_000)}1${')'.repeat(10_000)}`),
  'lists, 10000 deep': handler(`y = ${'['.repeat(10_000)}${']'.repeat(10_000)}`),
  'calls, 10000 deep': handler(`y = ${'f('.repeat(10_000)}${')'.repeat(10_000)}`),
  'attributes, 10000 deep': handler(`y = request${'.a'.repeat(10_000)}\nif not y: abort(401)`),
  'method calls, 10000 deep': handler(`y = request${'.a()'.repeat(10_000)}\nif not y: abort(401)`),
  'subscripts, 10000 deep': handler(`y = request${'[0]'.repeat(10_000)}\nif not y: abort(401)`),
  'not, 10000 times': handler(`if ${'not '.repeat(10_000)}session.get('u'): abort(401)`),
  'and, 10000 operands': handler(`if ${times(10_000, i => `request.args.get('a${i}') and `)}session.get('u'): abort(401)`),
  'or, 10000 operands': handler(`if ${times(10_000, i => `request.args.get('a${i}') or `)}session.get('u'): abort(401)`),
  'comparison, 10000 operands': handler(`if ${times(10_000, i => `${i} < `)}session.get('u'): abort(401)`),
  'conditional expressions, 5000 deep': handler(`y = ${times(5000, i => `${i} if request.args.get('a${i}') else `)}1\nif y: abort(401)`),
  'elif, 5000 times': handler(
    `if session.get('u'): abort(401)\n${times(5000, i => `elif request.args.get('a') == '${i}': abort(${400 + (i % 90)})\n`)}`,
  ),
  'if, 400 deep': handler(`${times(400, i => `${' '.repeat(i)}if request.args.get('a${i}'):\n`)}${' '.repeat(400)}abort(401)`),
  'if in if in functions': handler(times(90, i => `if request.args.get('a${i}') == session.get('b${i}'): y${i} = abort(400)\n`)),
  'functions, 300 deep': `${FLASK + times(300, i => `${' '.repeat(i)}def f${i}(x=1):\n`)}${' '.repeat(300)}abort(401)\n`,
  'lambdas, 5000 deep': handler(`y = ${'lambda: '.repeat(5000)}abort(401)\ny()`),
  'conditions that double': handler(
    `y = 1\n${times(60, i => `if request.args.get('a${i}'): y = y + ${i}\n`)}if y > session.get('u'): abort(401)`,
  ),
  'text that doubles': handler(`y = 'a'\n${'y = y + y\n'.repeat(60)}if session.get(y): abort(401)`),
  'text that multiplies': handler(`y = 'a' * 999\n${'y = y * 999\n'.repeat(9)}z = '%s' % y\nif session.get(y): abort(401)`),
  'lists that double': handler(`y = [1]\n${'y = y + y\n'.repeat(60)}if session.get('u') in y: abort(401)`),
  'lists that double in place': handler(`y = [1]\n${'y += y\n'.repeat(60)}y.extend(y)\nif session.get('u') in y: abort(401)`),
  'lists that multiply': handler(`y = [1] * 10**9\ny = y * 10**9\nif session.get('u') in y: abort(401)`),
  'formats that double': handler(`y = 'a'\n${times(60, () => "y = f'{y}{y}'\n")}if session.get(y): abort(401)`),
  'joins that double': handler(`y = 'a'\n${times(60, () => "y = ''.join([y, y])\n")}if session.get(y): abort(401)`),
  'replacements that double': handler(`y = 'a'\n${times(60, () => "y = y.replace('a', 'aa')\n")}if session.get(y): abort(401)`),
  'numbers without end': handler('y = 10 ** 10 ** 10 ** 10\nz = 1 << 10 ** 10\nw = 1e999 - 1e999\nif session.get(y) == z or w: abort(401)'),
  'ranges without end': handler(
    'for i in range(10 ** 12):\n    if session.get(i): abort(401)\ny = [i for i in range(10 ** 12) for j in range(10 ** 12)]',
  ),
  'loops in loops in loops': handler(
    `${times(12, i => `${'    '.repeat(i)}for a${i} in [1, 2, 3, 4, 5, 6, 7, 8]:\n`)}${'    '.repeat(12)}if session.get(a0): abort(401)`,
  ),
  'comprehensions in comprehensions': handler(
    `y = [1 ${times(12, i => `for a${i} in [1, 2, 3, 4, 5, 6, 7, 8] `)} if session.get('u')]\nif y: abort(401)`,
  ),
  'tries in tries': handler(
    times(40, i => `${' '.repeat(i)}try:\n`) +
      `${' '.repeat(40)}request.a()\n` +
      times(40, i => `${' '.repeat(39 - i)}except E${i}:\n${' '.repeat(40 - i)}request.b${i}()\n${' '.repeat(40 - i)}abort(401)\n`),
  ),
  'a list in itself': handler(
    "y = []\ny.append(y)\nz = {}\nz['z'] = z\nif session.get('u') in y or y == z or str(y): abort(401)\nabort(y)",
  ),
  'an object in itself': `${FLASK}class A:\n    def __init__(self): self.a = self\n    def __eq__(self, o): return self == o\n    def __bool__(self): return bool(self)\n    def __getattr__(self, n): return getattr(self, n)\n@app.route('/x')\ndef x():\n    a = A()\n    a.b = [a, {'a': a}]\n    if a == a.a or a.c or not a: abort(401)\n    return a.b\n`,
  'a million decorators': `${FLASK}@app.route('/x')\n${'@app\n'.repeat(700_000)}def x(): return 'ok'\n`,
  'a hundred thousand own decorators': `${FLASK}def d(f):\n    @wraps(f)\n    def w(*a, **k):\n        if not session.get('u'): abort(401)\n        return f(*a, **k)\n    return w\n@app.route('/x')\n${'@d\n'.repeat(100_000)}def x(): return 'ok'\n`,
  'ten thousand routes on one function': `${FLASK}${times(10_000, i => `@app.route('/x${i}')\n`)}def x(): return 'ok'\n`,
  'ten thousand hooks': `${FLASK}${times(10_000, i => `@app.before_request\ndef h${i}():\n    if not session.get('u${i}'): abort(401)\n`)}@app.route('/x')\ndef x(): return 'ok'\n`,
  'a decorator of itself': `${FLASK}@d\ndef d(f): return d(d)(f)\n@app.route('/x')\n@d\ndef x(): return 'ok'\n`,
  'functions that all call each other':
    FLASK +
    times(12, i => `def f${i}(a):\n    if session.get('u${i}'): abort(401)\n${times(12, j => `    f${j}(a)\n`)}`) +
    "@app.route('/x')\ndef x():\n    f0(1)\n    return 'ok'\n",
  'functions that all return each other':
    FLASK +
    times(12, i => `def f${i}(a):\n    return ${times(12, j => `f${j}(a) or `)}None\n`) +
    "@app.route('/x')\ndef x():\n    if f0(session): abort(401)\n    return 'ok'\n",
  'guards that guard each other': `${FLASK}def a(f):\n    @wraps(f)\n    @b\n    def w(*x): return b(f)(*x)\n    return w\ndef b(f):\n    @wraps(f)\n    def w(*x): return a(f)(*x)\n    return w\n@app.route('/x')\n@a\n@b\ndef x(): return 'ok'\n`,
  'classes that are their own bases': `${FLASK}from flask.views import MethodView\nclass A(A, MethodView): pass\nclass B(C): pass\nclass C(B, A): pass\nB.__bases__ = (C,)\nA = type('A', (A, B), {})\nclass D(D): pass\napp.add_url_rule('/x', view_func=C.as_view('x'))\nD().a()\nC().b()\n`,
  'blueprints in each other': `${FLASK}a = Blueprint('a', __name__, url_prefix='/a')\nb = Blueprint('b', __name__, url_prefix='/b')\na.register_blueprint(b)\nb.register_blueprint(a)\na.register_blueprint(a)\napp.register_blueprint(a)\napp.register_blueprint(app)\n@a.route('/x')\ndef x(): return 'ok'\n@b.before_request\ndef h(): abort(401)\n`,
  'blueprints that double': `${FLASK}bs = [Blueprint(f'b{i}', __name__) for i in range(30)]\n${times(25, i => `b${i} = Blueprint('b${i}', __name__)\n`)}${times(24, i => `b${i}.register_blueprint(b${i + 1}, url_prefix='/a')\nb${i}.register_blueprint(b${i + 1}, url_prefix='/b')\n`)}app.register_blueprint(b0)\n@b24.route('/x')\ndef x(): return 'ok'\n`,
  'routers in each other': `from fastapi import FastAPI, APIRouter, Depends, HTTPException\napp = FastAPI()\na = APIRouter(prefix='/a')\nb = APIRouter(prefix='/b')\na.include_router(b)\nb.include_router(a)\na.include_router(a)\napp.include_router(a)\napp.mount('/m', app)\n@a.get('/x')\ndef x(): pass\n@b.get('/y')\ndef y(): pass\n`,
  'routers that double': `from fastapi import FastAPI, APIRouter\napp = FastAPI()\n${times(26, i => `r${i} = APIRouter()\n`)}@r25.get('/x')\ndef x(): pass\n${times(25, i => `r${24 - i}.include_router(r${25 - i}, prefix='/a')\nr${24 - i}.include_router(r${25 - i}, prefix='/b')\n`)}app.include_router(r0)\n`,
  'dependencies in each other': `from fastapi import FastAPI, Depends, HTTPException\napp = FastAPI()\ndef a(x=Depends(b)): raise HTTPException(401)\ndef b(x=Depends(a), y=Depends(b)): raise HTTPException(403)\na.__defaults__ = (Depends(b),)\nclass C:\n    def __init__(self, c: 'C' = Depends()): pass\n@app.get('/x', dependencies=[Depends(b), Depends(C)])\ndef x(a=Depends(a), c: C = Depends()): pass\n`,
  'dependencies that double': `from fastapi import FastAPI, Depends, HTTPException\napp = FastAPI()\ndef d0():\n    raise HTTPException(401)\n${times(30, i => `def d${i + 1}(a=Depends(d${i}), b=Depends(d${i})):\n    if a == b: raise HTTPException(403)\n`)}@app.get('/x')\ndef x(a=Depends(d30)): pass\n`,
  'mounted applications in each other': `import bottle\na = bottle.Bottle()\nb = bottle.Bottle()\na.mount('/b', b)\nb.mount('/a', a)\na.merge(b)\nb.merge(a)\na.merge(a)\n@a.route('/x')\ndef x(): pass\n@b.route('/y')\ndef y(): pass\na.run()\n`,
  'regular expressions without end': `${FLASK}import re\n@app.before_request\ndef h():\n    if re.match(r'^(/(a+)+)+$', request.path) or re.search('(.*)*x', request.path): return\n    if re.fullmatch('(' * 5000 + 'a' + ')*' * 5000, request.path): return\n    abort(401)\n@app.route('/${'a'.repeat(4000)}!')\ndef x(): return 'ok'\n`,
  'regular expressions in routes': `import bottle\nbottle.route('/<x:re:(a+)+b(?=(c|c)*$)>')(lambda x: x)\n@bottle.route('/<y:re:[>')\n@bottle.route('/<z:re:${'('.repeat(2000)}>')\n@bottle.route('/<::>/<:re:>/<a:>')\ndef y(**k): pass\nbottle.run()\n`,
  'a path of ten thousand parameters': `${FLASK}@app.route('${times(10_000, i => `/<int:p${i}>`)}')\ndef x(**k): return 'ok'\n@app.route('/${'<'.repeat(5000)}${'>'.repeat(5000)}')\ndef y(**k): return 'ok'\n`,
  'one name of a million letters': `${FLASK}def ${'a'.repeat(1_000_000)}():\n    if not session.get('${'b'.repeat(1_000_000)}'): abort(401)\n@app.route('/x')\ndef x():\n    ${'a'.repeat(1_000_000)}()\n    return 'ok'\n`,
  'one line of three megabytes': `${FLASK}y = [${'request.args.get("a"), '.repeat(130_000)}]\n@app.route('/x')\ndef x(): return 'ok'\n`,
  'a hundred thousand statements': handler(times(100_000, i => `y${i} = request.args.get('a')\n`)),
  'ten thousand guards': handler(times(10_000, i => `if not session.get('u${i}'): abort(401)\n`)),
  'ten thousand classes':
    FLASK +
    times(10_000, i => `class A${i}(${i === 0 ? 'object' : `A${i - 1}`}):\n    def f${i}(self): return self.f0()\n`) +
    "@app.route('/x')\ndef x():\n    if not A9999().f0(): abort(401)\n    return 'ok'\n",
  'names of the language behind this': `${FLASK}${['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then', '__defineGetter__'].map((n, i) => `class ${n}:\n    ${n} = '${n}'\n    def ${n}(self, ${n}): return self.${n}\n@app.route('/${i}/<${n}>', methods=['${n}'])\ndef f${i}(${n}=None, **__proto__):\n    ${n} = request.headers.get('${n}') or request.${n} or session['${n}'] or g.${n}\n    if ${n} == constructor.${n}: abort(${n})\n    if '${n}' in {'${n}': ${n}}: raise ${n}\n    return ${n}().${n}(${n}=1)\n`).join('')}`,
  'names of the language behind this, nowhere defined': `# coding: constructor\n${FLASK}import constructor, toString\nfrom fastapi import FastAPI, Depends\napi = FastAPI()\n${[
    'constructor',
    'toString',
    'valueOf',
    '__proto__',
  ]
    .map(
      (n, i) =>
        `class C${i}(${n}): pass\n@api.get('/${i}')\ndef a${i}(x: ${n}, y: C${i}, z=Depends(${n})):\n    return f'{x!${n}} {y!r}'\n@app.route('/u${i}')\ndef u${i}():\n    if isinstance(session.get('u'), ${n}) or ${n}(request.args) or builtins.${n}(1) or toString.${n}(): raise ${n}(1)\n    return ${n}\n`,
    )
    .join('')}`,
  'routes to nothing': `${FLASK}x = 1\napp.add_url_rule('/a', view_func=x.y)\napp.add_url_rule('/b', view_func=1)\napp.add_url_rule('/c', view_func=-x)\napp.route('/d')(x.y)\napp.route('/e')(1)\napp.register_blueprint(x.y)\napp.register_blueprint(1)\napp.before_request(x.y)\napp.before_request(1)\napp.add_url_rule('/f')\napp.add_url_rule()\napp.register_error_handler(1, x.y)\n`,
  'routes to nothing, FastAPI': `from fastapi import FastAPI, APIRouter, Depends\nx = 1\napp = FastAPI(dependencies=[Depends(x.y), 1, -x])\napp.get('/a')(x.y)\napp.get('/b')(1)\napp.add_api_route('/c', x.y)\napp.add_api_route('/d', -x)\napp.include_router(x.y)\napp.include_router(1)\napp.mount('/m', x.y)\napp.mount('/n', 1)\napp.add_middleware(x.y)\napp.middleware('http')(1)\napp.add_exception_handler(1, x.y)\n`,
  'routes to nothing, Bottle': `import bottle\nfrom bottle import route, Bottle\nx = 1\napp = Bottle()\napp.route('/a', callback=x.y)\napp.route('/b', callback=1)\napp.route('/c', 'GET', -x)\nroute('/d')(x.y)\napp.mount('/m', x.y)\napp.mount('/n', 1)\napp.merge(x.y)\napp.install(x.y)\napp.add_hook('before_request', x.y)\n`,
  'match, 3000 cases': handler(
    `match session.get('u'):\n${times(3000, i => `    case {'a${i}': [x, *_]} | ${i}: abort(${400 + (i % 90)})\n`)}`,
  ),
  'with, 3000 managers': handler(`with ${times(2999, i => `request.a(${i}) as b${i}, `)}request.c():\n    abort(401)`),
  'while for ever': handler(
    'while True:\n    while True:\n        while session.get("u"):\n            if request.args.get("a"): continue\n            abort(401)\n',
  ),
  generators: handler('def a():\n    yield from a()\n    yield b()\ndef b():\n    for i in a(): yield i\nfor i in b():\n    abort(401)\n'),
  'globals and scopes': handler(
    'global x, y, z\nnonlocal q\ndel x, y.z, q[0]\nx = x\ny = lambda y=y: y(y)\nz = (lambda f: f(f))(lambda f: f(f))\nif z: abort(401)',
  ),
  'star arguments': handler('def f(*a, **k): return f(*a, *a, **k, **k)\nif f(*session, **request.args): abort(401)'),
};

/** @type {Record<string, string>} */
const rust = {
  'parentheses, 10000 deep': rustHandler(`let y = ${'('.repeat(10_000)}1${')'.repeat(10_000)};`),
  'blocks, 10000 deep': rustHandler(`${'{'.repeat(10_000)}${'}'.repeat(10_000)}`),
  'calls, 10000 deep': rustHandler(`let y = ${'f('.repeat(10_000)}1${')'.repeat(10_000)};`),
  'methods, 10000 deep': rustHandler(`let y = p${'.a()?'.repeat(10_000)};`),
  'references, 10000 deep': rustHandler(`let y = ${'&*'.repeat(10_000)}p;`),
  'not, 10000 times': rustHandler(`if ${'!'.repeat(10_000)}check(&p) { return Err(StatusCode::UNAUTHORIZED); }`),
  'and, 10000 operands': rustHandler(`if ${times(10_000, i => `p.a${i}() && `)}p.b() { return Err(StatusCode::UNAUTHORIZED); }`),
  'closures, 5000 deep': rustHandler(`let y = ${'|a| '.repeat(5000)}1; y(1);`),
  'generics, 5000 deep': rustHandler(`let y: ${'Vec<'.repeat(5000)}u8${'>'.repeat(5000)} = f();`),
  'ifs, 2000 deep': rustHandler(`${times(2000, i => `if p.a${i}() { `)}return Err(StatusCode::UNAUTHORIZED);${'}'.repeat(2000)}`),
  'else ifs, 5000 times': rustHandler(
    `if p.a() { return Err(StatusCode::UNAUTHORIZED) }${times(5000, i => ` else if p.b${i}() { return Err(StatusCode::FORBIDDEN) }`)}`,
  ),
  'matches, 10000 arms': rustHandler(
    `match p.as_str() {${times(10_000, i => `"${i}" if p.a() => return Err(StatusCode::FORBIDDEN),\n`)} _ => {} }`,
  ),
  'matches in matches': rustHandler(
    `${times(200, i => `match p.a${i}() { Some(x${i}) => `)}return Err(StatusCode::FORBIDDEN)${', None => {} }'.repeat(200)}`,
  ),
  'patterns, 5000 deep': rustHandler(`let ${'Some('.repeat(5000)}x${')'.repeat(5000)} = p.a() else { return Err(StatusCode::FORBIDDEN) };`),
  'ten thousand question marks': rustHandler(
    times(10_000, i => `check${i % 7}(&p)?;\n`),
    times(7, i => `fn check${i}(p: &str) -> Result<(), StatusCode> { if p.is_empty() { return Err(StatusCode::UNAUTHORIZED) } Ok(()) }\n`),
  ),
  'conditions that double': rustHandler(
    `let mut y = 1;\n${times(60, i => `if p.a${i}() { y = y + ${i}; }\n`)}if y > p.len() { return Err(StatusCode::FORBIDDEN) }`,
  ),
  'text that doubles': rustHandler(
    `let y = "a".to_string();\n${'let y = format!("{y}{y}");\nlet y = y.clone() + &y;\nlet y = y.repeat(1000);\nlet y = concat!("a", "b");\n'.repeat(40)}if p.contains(&y) { return Err(StatusCode::FORBIDDEN) }`,
  ),
  'lists that double': rustHandler(
    `let y = vec![1];\n${'let y = [y.clone(), y.clone()].concat();\nlet y: Vec<_> = y.iter().chain(y.iter()).collect();\n'.repeat(40)}if y.contains(&p) { return Err(StatusCode::FORBIDDEN) }`,
  ),
  'arrays without end': rustHandler(
    'let y = [0u8; 1 << 60];\nlet z = vec![p; usize::MAX];\nfor i in 0..u64::MAX { for j in y { if check(i, j) { return Err(StatusCode::FORBIDDEN) } } }',
  ),
  'type aliases in each other': rustHandler(
    'let a: A = f(); let b = B::new(a)?; let c: <C as T>::Out = b;',
    'type A = B;\ntype B = C;\ntype C = A;\ntype D = Option<D>;\ntype E<T> = E<E<T>>;\nimpl T for C { type Out = <C as T>::Out; }\nfn g(d: D, e: E<u8>) -> A { d?; e }\n',
  ),
  'traits that imply each other': rustHandler(
    'p.a(); <p as A>::b(); A::a(&p);',
    'trait A: B { fn a(&self) { self.b() } }\ntrait B: C { fn b(&self) { self.a() } }\ntrait C: A {}\nimpl<T: A> B for T { fn b(&self) { self.a() } }\nimpl<T: B> A for T { fn a(&self) { A::a(self) } }\nimpl A for dyn A {}\n',
  ),
  'dereferencing in a circle': rustHandler(
    'let s = S; s.a()?; s.b?;',
    'struct S;\nimpl std::ops::Deref for S { type Target = S; fn deref(&self) -> &S { &**self } }\nimpl From<S> for S { fn from(s: S) -> S { s.into() } }\nimpl IntoResponse for S { fn into_response(self) -> Response { self.into_response() } }\n',
  ),
  'constants in each other': rustHandler(
    'if p == A { return Err(StatusCode::FORBIDDEN) }',
    'const A: &str = B;\nconst B: &str = A;\nstatic C: u8 = C;\nconst D: [u8; D.len()] = D;\n',
  ),
  'uses in each other': `${AXUM}pub use self::a::x;\npub mod a { pub use super::b::x; pub use super::b::*; }\npub mod b { pub use super::a::x; pub use super::a::*; pub use self::*; pub use crate::*; }\nuse a as b2; use b2 as a2; use a2 as b3;\npub fn app() -> Router { Router::new().route("/x", get(x)).route("/y", get(a2::y)) }\n${MAIN}`,
  'macros that call themselves': rustHandler(
    'a!(); b!(1); c!{x}; d!(a);',
    'macro_rules! a { () => { a!() }; }\nmacro_rules! b { ($x:expr) => { b!($x + $x) }; }\nmacro_rules! c { ($($t:tt)*) => { c!{$($t)* $($t)*} }; }\nmacro_rules! d { ($x:ident) => { d!($x); d!($x); d!($x) }; }\n',
  ),
  'macros that double': rustHandler(
    'm30!();',
    `macro_rules! m0 { () => { if p() { return Err(StatusCode::FORBIDDEN) } }; }\n${times(30, i => `macro_rules! m${i + 1} { () => { m${i}!(); m${i}!() }; }\n`)}`,
  ),
  'item macros that double': rustHandler(
    '',
    `macro_rules! m0 { ($n:ident) => { fn $n() {} }; }\n${times(30, i => `macro_rules! m${i + 1} { ($n:ident) => { m${i}!{$n} m${i}!{$n} }; }\n`)}m30!{a}\n`,
  ),
  'macro patterns without end': rustHandler(
    'm!(a a a a a a a a a a a a a a a a a a a a a a a a a a a a b);',
    'macro_rules! m { ($($($x:ident)*)* c) => {}; ($($($($($y:tt)*)*)*)*) => {}; }\n',
  ),
  'routers in themselves': `${AXUM}pub fn app() -> Router { Router::new().route("/x", get(x)).nest("/a", app()).merge(b()) }\nfn b() -> Router { app().merge(b()).nest("/b", b()) }\nasync fn x() {}\n${MAIN}`,
  'routers that double': `${AXUM}fn r0() -> Router { Router::new().route("/x", get(x)) }\n${times(20, i => `fn r${i + 1}() -> Router { Router::new().nest("/a", r${i}()).nest("/b", r${i}()) }\n`)}pub fn app() -> Router { r20() }\nasync fn x() {}\n${MAIN}`,
  'ten thousand routes': `${AXUM}pub fn app() -> Router { Router::new()${times(10_000, i => `.route("/x${i}", get(x))`)} }\nasync fn x() {}\n${MAIN}`,
  'ten thousand layers': `${AXUM}async fn g(r: Request, n: middleware::Next) -> Response { if !r.headers().contains_key("authorization") { return StatusCode::UNAUTHORIZED.into_response() } n.run(r).await }\npub fn app() -> Router { Router::new().route("/x", get(x))${'.layer(middleware::from_fn(g))'.repeat(10_000)} }\nasync fn x() {}\n${MAIN}`,
  'sixty layers': `${AXUM}async fn g(r: Request, n: middleware::Next) -> Response { if !r.headers().contains_key("authorization") { return StatusCode::UNAUTHORIZED.into_response() } n.run(r).await }\npub fn app() -> Router { Router::new().route("/x", get(x))${'.layer(middleware::from_fn(g))'.repeat(60)} }\nasync fn x() {}\n${MAIN}`,
  'a layer that runs itself': `${AXUM}async fn g(r: Request, n: middleware::Next) -> Response { g(r, n).await; let a = n.run(r).await; let b = n.run(r).await; g(a, b).await }\npub fn app() -> Router { Router::new().route("/x", get(x)).layer(middleware::from_fn(g)).layer(middleware::from_fn(g)) }\nasync fn x() {}\n${MAIN}`,
  'extractors in each other': `${AXUM}struct A; struct B;\nimpl<S> FromRequestParts<S> for A { type Rejection = StatusCode; async fn from_request_parts(p: &mut Parts, s: &S) -> Result<A, StatusCode> { B::from_request_parts(p, s).await?; p.extract::<B>().await?; Ok(A) } }\nimpl<S> FromRequestParts<S> for B { type Rejection = StatusCode; async fn from_request_parts(p: &mut Parts, s: &S) -> Result<B, StatusCode> { A::from_request_parts(p, s).await?; p.extract::<A>().await?; Err(StatusCode::UNAUTHORIZED) } }\nasync fn x(a: A, b: B, c: Option<A>, d: Result<B, StatusCode>) {}\npub fn app() -> Router { Router::new().route("/x", get(x)) }\n${MAIN}`,
  'functions that all call each other': rustHandler(
    'f0(&p)?;',
    times(
      12,
      i =>
        `fn f${i}(p: &str) -> Result<(), StatusCode> { if p.a${i}() { return Err(StatusCode::FORBIDDEN) }\n${times(12, j => `f${j}(p)?;\n`)} Ok(()) }\n`,
    ),
  ),
  'an enum of ten thousand variants': rustHandler(
    'if Role::from(p) < Role::V9999 { return Err(StatusCode::FORBIDDEN) }',
    `#[derive(PartialOrd)] enum Role { ${times(10_000, i => `V${i},\n`)} }\nimpl From<Path<String>> for Role { fn from(p: Path<String>) -> Role { match p.as_str() { ${times(10_000, i => `"${i}" => Role::V${i},\n`)} _ => Role::V0 } } }\n`,
  ),
  'a million attributes': `${AXUM}${'#[a]\n'.repeat(800_000)}async fn x() {}\npub fn app() -> Router { Router::new().route("/x", get(x)) }\n${MAIN}`,
  'modules, 1000 deep': `${AXUM}${times(1000, i => `mod m${i} { `)}pub async fn x() {}${'}'.repeat(1000)}\npub fn app() -> Router { Router::new().route("/x", get(x)) }\n${MAIN}`,
  'parameters without end': `${AXUM}async fn x(${times(5000, i => `a${i}: Option<Path<String>>, `)}) {}\npub fn app() -> Router { Router::new().route("/${times(5000, i => `{a${i}}/`)}", get(x)) }\n${MAIN}`,
  'names of the language behind this': rustHandler(
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']
      .map(
        n =>
          `let ${n} = ${n}::${n}(p.${n}.${n}(), "${n}")?; match ${n} { ${n}::${n} { ${n} } => return Err(${n}.into()), _ => headers.get("${n}") };`,
      )
      .join('\n'),
    ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']
      .map(n => `struct ${n} { ${n}: u8 }\nimpl ${n} { fn ${n}(self, ${n}: ${n}) -> Self { self.${n}(${n}) } }\nuse ${n}::${n};\n`)
      .join(''),
  ),
  'names of the language behind this, nowhere defined': rustHandler(
    ['constructor', 'toString', 'valueOf', '__proto__']
      .map(
        n =>
          `${n}(p)?; ${n}!("{}", p); if let ${n}(x) = p { return Err(StatusCode::FORBIDDEN) } paste! { let [<a:${n}>] = ${n}; } let x: Option<${n}> = ${n}::${n}("a"); let ${n} { a } = x; Resource::named("a").${n}(p);`,
      )
      .join('\n'),
  ),
  'routes to nothing': `${AXUM}async fn x() {}\npub fn app() -> Router { Router::new().route("/a", get(x).post:x)).route("/b", x.post).route("/c", 1).route("/d", -x).nest("/e", x.y).nest("/f", -x).merge(x.y).merge(1).merge([x][0]).fallback(x.y).route_service("/g", x.y).nest_service("/h", 2) }\n${MAIN}`,
  'routes to nothing, actix-web': `use actix_web::{web, App, HttpServer, HttpResponse};\nasync fn x() -> HttpResponse { HttpResponse::Ok().finish() }\n#[actix_web::main]\nasync fn main() { HttpServer::new(|| App::new().route("/a", web::get().to:x)).route("/b", x.post).service(x.y).service(1).service(-x).service(web::scope("/s").service(x.y).configure(1).configure(x.y)).default_service(x.y).service(web::resource("/r").to(1).route(x.y)).configure(-x)).bind("").unwrap().run().await; }\n`,
  'regular expressions without end': `use actix_web::{web, App, HttpServer, HttpResponse};\nasync fn x(p: web::Path<String>) -> HttpResponse { if regex::Regex::new("(a|a)*$").unwrap().is_match(&p) { return HttpResponse::Unauthorized().finish() } HttpResponse::Ok().finish() }\n#[actix_web::main]\nasync fn main() { HttpServer::new(|| App::new().route("/{a:(a+)+$}/{b:[}/{c:${'('.repeat(2000)}}/{{{{d:}}}", web::get().to(x)).service(web::scope("/{x:(.*)*}").route("/${'a'.repeat(5000)}!", web::get().to(x)))).run().await }\n`,
  'scopes in scopes': `use actix_web::{web, App, HttpServer, HttpResponse};\nfn c(cfg: &mut web::ServiceConfig) { cfg.service(web::scope("/a").configure(c)).configure(c).configure(d); }\nfn d(cfg: &mut web::ServiceConfig) { c(cfg); cfg.service(web::scope("/b").configure(d)).route("/x", web::get().to(x)); }\nasync fn x() -> HttpResponse { HttpResponse::Ok().finish() }\n#[actix_web::main]\nasync fn main() { HttpServer::new(|| App::new().configure(c)).run().await }\n`,
};

const N = 400;

/** Programs of several files. @type {Record<string, { language: 'python' | 'rust', files: Record<string, string> }>} */
const projects = {
  'imports in a circle': {
    language: 'python',
    files: {
      ...Object.fromEntries(
        Array.from({ length: N }, (_, i) => [
          `m${i}.py`,
          `from m${(i + 1) % N} import *\nfrom m${(i + 1) % N} import a, b as c\nimport m${(i + 7) % N} as d\nfrom . import m${i}\ndef f${i}(): return c.f${(i + 1) % N}() or d.x or a\n`,
        ]),
      ),
      'app.py': `${FLASK}from m0 import *\nimport app\nfrom app import app as app2, x as y\n@app.route('/x')\ndef x():\n    if f0() or a or c.d: abort(401)\n    return 'ok'\n`,
    },
  },
  'classes in a circle of files': {
    language: 'python',
    files: {
      'a.py': 'from b import B\nclass A(B):\n    def f(self): return super().f()\n',
      'b.py': 'from a import A\nclass B(A):\n    def f(self): return super().f()\n',
      'app.py': `${FLASK}from a import A\nfrom b import B\n@app.route('/x')\ndef x():\n    if A().f() or B().f(): abort(401)\n    return 'ok'\n`,
    },
  },
  'modules in a circle': {
    language: 'rust',
    files: {
      'Cargo.toml': CARGO,
      'src/main.rs': `#[path = "main.rs"] mod me;\n#[path = "a.rs"] mod a;\n#[path = "../../../../../../etc/passwd"] mod p;\n${AXUM}pub fn app() -> Router { a::app() }\n${MAIN}`,
      'src/a.rs': '#[path = "main.rs"] mod main;\n#[path = "a.rs"] mod a;\npub fn app() -> axum::Router { super::app() }\n',
    },
  },
  'crates in a circle': {
    language: 'rust',
    files: {
      'Cargo.toml': '[workspace]\nmembers = ["a", "b", "../..", "*"]\n',
      'a/Cargo.toml': `${CARGO.replace('"x"', '"a"')}b = { path = "../b" }\na = { path = "." }\n`,
      'b/Cargo.toml': `${CARGO.replace('"x"', '"b"')}a = { path = "../a" }\nb = { workspace = true }\n`,
      'a/src/main.rs': `pub use b::*;\npub use a::x;\n${AXUM}pub fn app() -> Router { b::app() }\n${MAIN}`,
      'b/src/lib.rs': 'pub use a::*;\npub fn app() -> axum::Router { a::app().route("/x", get(a::x)) }\n',
    },
  },
  'manifests of nonsense': {
    language: 'rust',
    files: {
      'Cargo.toml': `package = [[[[${'['.repeat(5000)}`,
      'Cargo.lock': '\u0000[[package]]\nname = 1\n',
      'a/Cargo.toml':
        '[package]\nname = { __proto__ = "x" }\n[features]\ndefault = ["default", "a"]\na = ["b"]\nb = ["a"]\n[[bin]]\npath = "/etc/passwd"\n[lib]\npath = 1\n',
      'a/src/lib.rs': 'pub fn a() {}\n',
      'src/main.rs': `${AXUM}pub fn app() -> Router { Router::new() }\n${MAIN}`,
    },
  },
  'manifests of nonsense, Python': {
    language: 'python',
    files: {
      'pyproject.toml': '[project]\ndependencies = [1, {}, "flask" , "\\u0000==1"]\n[tool.poetry.dependencies]\n__proto__ = "1"\n',
      'requirements.txt': `-r requirements.txt\n-r ../../../../etc/passwd\nflask==${'9'.repeat(100_000)}\n\u001b[31m>=1\n`,
      Pipfile: '{{{{',
      'setup.cfg': '[options]\ninstall_requires = \n\tflask[[[',
      'app.py': handler("if not session.get('u'): abort(401)"),
    },
  },
  'fifty megabytes': { language: 'python', files: { 'big.py': 'x = 1\n'.repeat(8_400_000), 'app.py': handler('abort(401)') } },
  'fifty megabytes, Rust': {
    language: 'rust',
    files: { 'Cargo.toml': CARGO, 'src/main.rs': `mod big;\n${rustHandler('')}`, 'src/big.rs': 'fn x() {}\n'.repeat(5_000_000) },
  },
  'four megabytes of code': {
    language: 'python',
    files: { 'app.py': handler("if not session.get('u'): abort(401)\n") + 'def f(a):\n    return a.b(c, d=[1, 2])\n'.repeat(95_000) },
  },
  'four megabytes of code, Rust': {
    language: 'rust',
    files: {
      'Cargo.toml': CARGO,
      'src/main.rs': rustHandler('') + times(60_000, i => `fn f${i}(a: &str) -> Result<u8, ()> { a.b(c)?; Ok(1) }\n`),
    },
  },
  'nothing at all': { language: 'python', files: {} },
  'nothing at all, Rust': { language: 'rust', files: {} },
};

/** @returns {Bomb[]} */
export function bombs() {
  return [
    ...Object.entries(python).map(([name, text]) => ({ name, language: /** @type {const} */ ('python'), files: { 'app.py': text } })),
    ...Object.entries(rust).map(([name, text]) => ({
      name,
      language: /** @type {const} */ ('rust'),
      files: { 'Cargo.toml': text.includes('actix_web') ? CARGO.replace('axum = "0.8"', 'actix-web = "4"') : CARGO, 'src/main.rs': text },
    })),
    ...Object.entries(projects).map(([name, p]) => ({ name, ...p })),
  ];
}
