/** What is found in small Flask, Bottle and FastAPI applications, exact in both directions. */
import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../src/run.js';
import { cases, compare, expectations } from './harness.js';

for (const framework of ['flask', 'bottle', 'fastapi']) {
  describe(framework, () => {
    test.each(cases('python', framework))('%s', async name => {
      const { expected, found, repaired } = await compare('python', framework, name);
      expect(expected.length).toBeGreaterThan(0);
      expect(found).toEqual(expected);
      expect(repaired).toEqual([]);
    });
  });
}

test('a route of Bottle whose callback cannot be seen is counted as not resolved', async () => {
  const dir = fileURLToPath(new URL('../../fixtures/frameworks/python/bottle/forms', import.meta.url));
  const { contract } = await analyse(dir, 'python', {});
  expect(contract.coverage.unresolved).toBe(1);
});

test('what registers routes with Flask and is not read is counted: blueprints, an API, a class, a router of unknown libraries', async () => {
  const dir = fileURLToPath(new URL('../../fixtures/frameworks/python/flask/unread', import.meta.url));
  const { contract } = await analyse(dir, 'python', {});
  expect(contract.gaps.map(g => `${g.location.line} ${g.says}`)).toEqual([
    '14 what is registered here is not known, nor are its routes',
    '24 a blueprint is registered whose name is computed, and nothing that is read puts a route on it',
    '52 `create_api` of a library that is not described may register routes',
    '53 the routes of `Quotes` follow from the names of its methods, which is not read',
    '56 the route `/ping` is made by a library that is not described',
    '105 `route` of a library that is not described may register routes',
  ]);
  expect(contract.coverage.unresolved).toBe(6);
});

test.each([
  ['flask', '17 what is registered here is not known, nor are its routes'],
  ['fastapi', '13 a router that is included here is not known'],
  ['bottle', '8 the application of these routes is not known'],
])('what is taken to be found while %s runs stays a gap', async (framework, gap) => {
  const dir = fileURLToPath(new URL(`../../fixtures/frameworks/python/${framework}/discovered`, import.meta.url));
  const { contract } = await analyse(dir, 'python', {});
  expect(contract.gaps.map(g => `${g.location.line} ${g.says}`)).toEqual([gap]);
});

test.each([
  ['flask', 'from flask import Blueprint, Flask', 'app = Flask(__name__)', 'Blueprint("x", __name__)', 'register_blueprint'],
  ['fastapi', 'from fastapi import APIRouter, FastAPI', 'app = FastAPI(openapi_url=None)', 'APIRouter()', 'include_router'],
])('what a library gives %s is not what nobody registers', async (_, imports, app, made, register) => {
  const dir = mkdtempSync(join(tmpdir(), 'parity-'));
  const lines = [imports, 'import payments', app, `own = ${made}`, '@own.get("/own")', 'def handler():', '    return 1', ''];
  for (const given of ['payments.pages', 'payments.pages()']) {
    writeFileSync(join(dir, 'app.py'), [...lines, `app.${register}(${given})`, ''].join('\n'));
    const { contract } = await analyse(dir, 'python', {});
    expect(contract.endpoints.filter(e => !e.implicit).map(e => e.path)).not.toContain('/own');
    expect(contract.coverage.unresolved).toBeGreaterThan(0);
  }
  rmSync(dir, { recursive: true });
});

test('of routers that are found at several places it is not known which guards are around them', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'parity-'));
  const looks = (name: string, more = ''): string => `app.include_router(import_module(os.environ["${name}"]).router${more})`;
  const of = async (...lines: string[]): Promise<{ paths: string[]; gaps: number }> => {
    const own = ['own = APIRouter()', '@own.get("/own")', 'def handler():', '    return 1', 'def check(): raise HTTPException(403)'];
    const head = ['import os', 'from importlib import import_module', 'from fastapi import APIRouter, Depends, FastAPI, HTTPException'];
    writeFileSync(join(dir, 'app.py'), [...head, 'app = FastAPI(openapi_url=None)', ...own, ...lines, ''].join('\n'));
    const { contract } = await analyse(dir, 'python', {});
    return { paths: contract.endpoints.filter(e => !e.implicit).map(e => e.path), gaps: contract.coverage.unresolved };
  };
  const guarded = looks('STAFF', ', dependencies=[Depends(check)]');
  expect(await of(guarded)).toEqual({ paths: ['/own'], gaps: 1 });
  expect(await of(guarded, looks('PAGES'))).toEqual({ paths: [], gaps: 2 });
  rmSync(dir, { recursive: true });
});

describe('the expectations themselves', () => {
  test('a comment of its own belongs to the next line of code', () => {
    const text = '# $ GET /a open\n# $ GET /b open\ndef f(): ...  # $ GET /c open ; ineffective=above-route\n';
    expect(expectations(text, 'x.py', 'python').map(e => e.text)).toEqual([
      'x.py:3 GET /a anonymous=ok signedIn=ok entitled=ok guards=-',
      'x.py:3 GET /b anonymous=ok signedIn=ok entitled=ok guards=-',
      'x.py:3 GET /c anonymous=ok signedIn=ok entitled=ok guards=-',
      'x.py:3 ineffective=above-route',
    ]);
  });

  test('a misspelt one is an error', () => {
    expect(() => expectations('def f(): ...  # $ GTE /a open\n', 'x.py', 'python')).toThrow(/x\.py:1/);
  });
});
