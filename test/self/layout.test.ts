/** What holds for every file of the project, whoever writes it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
    .sort();

test('no source file is longer than 400 lines', () => {
  const long = files('src').filter(file => readFileSync(file, 'utf8').trimEnd().split('\n').length > 400);
  expect(long).toEqual([]);
});

test('nothing is left for later, and no test is switched off', () => {
  const marks = /\b(TO-?DO|FIX-?ME|XXX)\b(?!!|\()/;
  const off = /\b(test|it|describe)\.(skip|only|todo)\b|\bx(it|describe|test)\(/;
  const left = files('src').filter(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .some(line => /^\s*(\/\/|\*|\/\*)/.test(line) && marks.test(line)),
  );
  expect(left).toEqual([]);
  expect(files('test').filter(file => file !== join('test', 'self', 'layout.test.ts') && off.test(readFileSync(file, 'utf8')))).toEqual([]);
});

test('every check has its page', () => {
  const checks = readdirSync('src/checks', { withFileTypes: true }).filter(entry => entry.isDirectory());
  expect(checks.length).toBeGreaterThan(0);
  const incomplete = checks.flatMap(({ name }) =>
    ['check.ts', 'doc.md'].map(file => join('src/checks', name, file)).filter(path => !existsSync(path)),
  );
  expect(incomplete).toEqual([]);
});
