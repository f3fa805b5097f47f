/** actix-web 3 and 4: applications that reach a server, and the way of a request through their middleware. */
import { callback } from '../../../program/calls.js';
import { type Ev, type GapNote, quietly } from '../../../program/ev.js';
import { within } from '../../../program/effort.js';
import { args as mkArgs, NONE, seq } from '../../../program/make.js';
import type { FnVal, Val } from '../../../program/values.js';
import { satisfies } from '../../../project/versions.js';
import { layer } from '../../layers.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, Route } from '../../types.js';
import { callWith } from '../axum/layers.js';
import { tidy } from '../axum/paths.js';
import { placeOf } from '../chain.js';
import { makers, start } from '../entry.js';
import { throughout } from '../around.js';
import { notesFor } from '../notes.js';
import { answer, rendered } from '../render.js';
import { beginRequest, installRust, rejectedBy } from '../request.js';
import { routeOf } from '../route.js';
import { settled } from '../settings.js';
import { requireGrants } from './grants.js';
import { appOf, dataOf, hostedTree, isApp } from './app.js';
import { builtElsewhere, hosted } from './hosted.js';
import type { Entry } from './routes.js';
import { fromFn, runWrap } from './middleware.js';
import { fork } from '../fork.js';

export const actix: Adapter = {
  name: 'actix-web',
  mentions: /\bactix_web\b/,
  language: 'rust',
  uses: ev => ev.program.versions.has('actix-web'),
  find,
};

function find(ev: Ev): Found {
  installRust(ev);
  const started = start(ev);
  const apps: Val[] = [];
  const add = (v: Val): void => {
    if (isApp(v) && !apps.includes(v)) apps.push(v);
  };
  for (const e of started.events) {
    const f = e.args.pos[0];
    if (/(^|::)(HttpServer::new|HttpServer::new_with_factory|init_service|test::init_service)$/.test(e.path) && f) {
      add(f.t === 'fn' || f.t === 'native' ? quietly(ev, () => callback(ev, f, mkArgs(), e.place)) : f);
    }
  }
  // Without the usual server: an application that is handed to anything else is served by it.
  if (apps.length === 0) for (const e of started.events) if (!isApp(e)) e.args.pos.forEach(add);
  if (apps.length === 0) for (const m of makers(ev, t => /(^|::)App$/.test(t.path) && !t.cls)) add(m.value);
  const routes: Route[] = [];
  const gaps: Found['gaps'] = [];
  for (const a of apps) {
    const tree = appOf(ev, a);
    const state = seq(
      'list',
      dataOf(a).map(v => settled(v)),
    );
    gaps.push(...tree.gaps);
    routes.push(...tree.entries.map(e => toRoute(ev, e, state, tree.entries)));
  }
  // A library that builds the application, or a platform that hosts it, gets the function that configures it.
  for (const { fn, to, typed } of hosted(ev, started.events)) {
    const tree = within(
      HOSTED,
      () => hostedTree(ev, fn, to),
      () => undefined,
    );
    if (!tree || (!typed && tree.entries.length === 0)) continue;
    const state = seq(
      'list',
      tree.data.map(v => settled(v)),
    );
    gaps.push(...tree.gaps, builtElsewhere(to));
    routes.push(...tree.entries.map(e => toRoute(ev, e, state, tree.entries)));
  }
  const version = ev.program.versions.get('actix-web');
  if (version !== undefined && !satisfies(version, OLDEST)) {
    const [first] = routes;
    for (const r of routes) Object.assign(r, { run: () => undefined, gaps: [tooOld(version, first as Route)] });
  }
  return { routes, gaps, render: rendered };
}

/** So much may it cost to read what one function configures. */
const HOSTED = 6_000_000;

/** Handlers of older versions give futures that are put together by combinators. */
const OLDEST = '>=2';

const tooOld = (version: string, first: Route): GapNote => ({
  why: 'other',
  says: `actix-web ${version} is older than what is understood`,
  hides: ['guards', 'outcomes', 'effects'],
  place: first.route,
});

function toRoute(ev: Ev, e: Entry, state: Val, all: Entry[]): Route {
  return routeOf(ev, e, e.service === true, e.route, {
    framework: 'actix-web',
    run: x => throughout(x, () => run(x, e, state)),
    ineffective: notesFor(ev, e, all, {
      web: 'actix',
      begin: x => beginRequest(x, e.method, '/', state),
      layer: (x, l) => runWrap(x, l.val, { scope: 'router', place: l.place }),
      around: (x, fn) => fromFn(x, fn, 'router'),
    }),
  });
}

function run(ev: Ev, e: Entry, state: Val): void {
  const sample = sampleRequest(e.method, tidy(e.path), e.numeric);
  const path = sample.path.t === 'const' ? String(sample.path.v) : '/';
  beginRequest(ev, e.method, path, state, tidy(e.path));
  ev.request = { method: sample.method, path: sample.path };
  for (const [of, handler] of e.onError ?? []) ev.globals.set(rejectedBy(of), handler);
  for (const l of [...e.layers].reverse()) {
    if (ev.dead) return;
    const go = (): Val => {
      runWrap(ev, l.val, { scope: l.scope, place: l.place });
      return NONE;
    };
    if (l.cond) ev.branch(l.cond, go, () => NONE);
    else go();
  }
  handle(ev, e.handler);
}

function handle(ev: Ev, h: Val): void {
  if (ev.dead) return;
  if (h.t === 'phi') {
    fork(
      ev,
      h.c,
      () => handle(ev, h.a),
      () => handle(ev, h.b),
    );
    return;
  }
  const place = placeOf(h);
  if (h.t !== 'fn') {
    ev.exit('return', h.t === 'call' ? h : NONE, place);
    return;
  }
  const fn: FnVal = h;
  const v = layer(ev, 'handler', 'endpoint', fn.def.name || 'closure', place, () =>
    callWith(ev, fn, place, undefined, 'actix', () => requireGrants(ev, fn)),
  );
  answer(ev, v, place);
}
