/** What is found in small axum and actix-web applications, exact in both directions. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';
import { cases, compare } from './harness.js';

afterAll(removeTrees);

for (const framework of ['axum', 'actix']) {
  describe(framework, () => {
    test.each(cases('rust', framework))('%s', async name => {
      const { expected, found, repaired } = await compare('rust', framework, name);
      expect(expected.length).toBeGreaterThan(0);
      expect(found).toEqual(expected);
      expect(repaired).toEqual([]);
    });
  });
}

const gapsOf = async (fixture: string): Promise<string[]> => {
  const dir = fileURLToPath(new URL(`../../fixtures/frameworks/rust/${fixture}`, import.meta.url));
  const { contract } = await analyse(dir, 'rust', {});
  return contract.gaps.map(g => `${g.location.line} ${g.says}, hides ${g.hides.join(', ')}`);
};

test('what leads to no route while a program starts hides none, however much it does', async () => {
  expect(await gapsOf('axum/busy-start')).toEqual([]);
  expect(await gapsOf('axum/busy-crate')).toEqual([]);
});

test('an attribute that nobody has described is said once for each function', async () => {
  const dir = fileURLToPath(new URL('../../fixtures/frameworks/rust/axum/unread', import.meta.url));
  const { contract } = await analyse(dir, 'rust', {});
  const marked = contract.endpoints.filter(e => e.handler === 'marked');
  expect(marked.map(e => e.gaps.map(g => `${g.location.line} ${g.says}`))).toEqual([
    ['13 the attribute `sealed` is not described', '15 the attribute `signed` is not described'],
  ]);
});

test('methods of libraries on what routes are made of may register more', async () => {
  expect(await gapsOf('axum/unread')).toEqual([
    '23 `guarded_by` on a router is not described, hides endpoints',
    '27 `guarded_by` on what answers a path is not described, hides endpoints',
  ]);
  expect(await gapsOf('actix/unread')).toEqual([
    '28 `leptos_routes` on an application or a scope is not described, hides endpoints',
    '31 `guarded_by` on a resource is not described, hides endpoints',
    '32 `guarded_by` on an application or a scope is not described, hides endpoints',
    '33 a route of a resource is not known, hides endpoints, guards',
  ]);
});

describe("the application's own macros", () => {
  const manifest = (name: string): string => `[package]\nname = "${name}"\nedition = "2021"\n[dependencies]\naxum = "0.8"\n`;
  const main = (path: string): string[] => [
    'use axum::{routing::get, Router};',
    'async fn page() -> &\'static str { "page" }',
    '#[tokio::main]',
    'async fn main() {',
    `    let app = Router::new().route(${path}, get(page));`,
    '    axum::serve(tokio::net::TcpListener::bind("[::]:80").await.unwrap(), app).await.unwrap();',
    '}',
  ];
  const read = async (dir: string): Promise<{ paths: string[]; gaps: string[] }> => {
    const { contract } = await analyse(dir, 'rust', {});
    return {
      paths: contract.endpoints.map(e => `${e.location.file} ${e.path}`),
      gaps: contract.gaps.map(g => `${g.location.line} ${g.says}`),
    };
  };

  test('a table of paths is read however long it is', async () => {
    const rows = (count: number): string[] => Array.from({ length: count }, (_, i) => `    Endpoint${i} => "/${'long/'.repeat(40)}${i}",`);
    const table = (count: number): string => {
      const matched = '$(Self::$variant => $path),*';
      const methods = ['path', 'text'].map(name => `        fn ${name}(self) -> &'static str { match self { ${matched} } }`);
      const rule = [
        '    ($($variant:ident => $path:expr),* $(,)?) => {',
        '        enum Endpoint { $($variant),* }',
        '        impl Endpoint {',
      ];
      return ['macro_rules! table {', ...rule, ...methods, '        }', '    };', '}', 'table! {', ...rows(count), '}'].join('\n');
    };
    const of = (count: number): ReturnType<typeof read> =>
      read(
        tree({
          'Cargo.toml': manifest('app'),
          'src/main.rs': [table(count), ...main('Endpoint::Endpoint7.path()'), ''].join('\n'),
        }),
      );
    expect(await of(300)).toEqual({ paths: [`src/main.rs /${'long/'.repeat(40)}7`], gaps: [] });
    // Where it is too long it is said.
    expect(await of(3000)).toEqual({
      paths: [],
      gaps: ['10 `table!` is not expanded: what it defines is not known', '3016 the path of a route is not literal'],
    });
  });

  test('of two of one name the nearest is meant', async () => {
    const rule = (pattern: string): string[] => ['macro_rules! path {', `    (${pattern}) => {`, '        $path', '    };', '}'];
    const crate = (pattern: string, call: string): string => [...rule(pattern), ...main(call), ''].join('\n');
    const dir = tree({
      'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\n',
      'a/Cargo.toml': manifest('a'),
      'a/src/main.rs': crate('at $path:literal', 'path!(at "/a")'),
      'b/Cargo.toml': manifest('b'),
      'b/src/main.rs': crate('$path:literal', 'path!("/b")'),
    });
    expect(await read(dir)).toEqual({ paths: ['a/src/main.rs /a', 'b/src/main.rs /b'], gaps: [] });
  });
});
