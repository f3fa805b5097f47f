/** Builds `dist/`: the compiled sources, the two grammars, and the data files that lie beside the sources. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** The grammars that the tests were written for; another one may name its nodes otherwise. */
const GRAMMARS = [
  {
    from: 'node_modules/tree-sitter-python/tree-sitter-python.wasm',
    to: 'tree-sitter-python.wasm',
    sha256: '16108b50df4ee9a30168794252ab55e7c93bfc5765d7fa0aa3e335752c515f47',
  },
  {
    from: 'node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm',
    to: 'tree-sitter-rust.wasm',
    sha256: '0dac14947cb04d94466e3df659f80a4e264c216a60b3eda175eae4cf12ed7a8d',
  },
];

/** `tree-sitter-rust` comes without its own licence file in the package that it is taken from. */
const RUST_GRAMMAR = `tree-sitter-rust.wasm is tree-sitter-rust (MIT, Copyright (c) 2017 Maxim Sokolov),
as distributed in @vscode/tree-sitter-wasm under the licence below.

`;

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
chmodSync(join(dist, 'cli/main.js'), 0o755);

mkdirSync(join(dist, 'grammars'));
for (const { from, to, sha256 } of GRAMMARS) {
  const bytes = readFileSync(join(root, from));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${from} has the hash ${found}; run the grammar tests and update .ci/build.mjs`);
  writeFileSync(join(dist, 'grammars', to), bytes);
}
cpSync(join(root, 'node_modules/tree-sitter-python/LICENSE'), join(dist, 'grammars/LICENSE.python'));
const vscode = readFileSync(join(root, 'node_modules/@vscode/tree-sitter-wasm/LICENSE'), 'utf8');
writeFileSync(join(dist, 'grammars/LICENSE.rust'), RUST_GRAMMAR + vscode);

// Schemas and the pages of the checks lie beside the code that reads them.
cpSync(join(root, 'src'), dist, { recursive: true, filter: path => ['', '.json', '.yml', '.md', '.css', '.html'].includes(extname(path)) });
// `src/packs/load.ts` looks for the rules beside the compiled code first.
cpSync(join(root, 'rules'), join(dist, 'rules'), { recursive: true });
// They are read and checked here, once: a run takes what came of it.
const { readPacks } = await import(pathToFileURL(join(dist, 'packs/read.js')).href);
writeFileSync(join(dist, 'rules/packs.json'), JSON.stringify(await readPacks(join(dist, 'rules'))));
