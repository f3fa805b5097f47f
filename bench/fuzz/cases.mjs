// @ts-check
/** The cases: spoiled fixtures by number, and constructed programs against a small counterpart. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MUTATIONS, randomBytes } from './mutations.mjs';
import { random } from './random.mjs';

/** @typedef {{ path: string, text: string }} Source */

/** @param {string} folder @param {string} extension @returns {Source[]} with paths from `folder`, sorted */
export function sources(folder, extension) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(extension) && statSync(join(folder, name)).isFile())
    .sort()
    .map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

const MANIFEST = '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n';
const TINY = {
  python: { 'app.py': "from flask import Flask\napp = Flask(__name__)\n@app.route('/x')\ndef x(): return 'ok'\n" },
  rust: {
    'Cargo.toml': `${MANIFEST}axum = "0.8"\n`,
    'src/main.rs':
      'use axum::{Router, routing::get};\nasync fn x() {}\nfn main() { let app = Router::new().route("/x", get(x)); axum::serve(l, app); }\n',
  },
};

/** @param {import('./bombs.mjs').Bomb} bomb */
export const asPair = bomb =>
  bomb.language === 'python'
    ? { kind: 'pair', python: bomb.files, rust: TINY.rust }
    : { kind: 'pair', python: TINY.python, rust: bomb.files };

/**
 * The spoiled case of one number: the same for the same seed.
 * @param {number} seed
 * @param {number} n
 * @param {{ python: Source[], rust: Source[] }} from
 */
export function spoiled(seed, n, from) {
  const rng = random(seed * 1_000_003 + n);
  const names = Object.keys(MUTATIONS);
  /** @type {string[]} */
  const said = [];
  /** @param {Source[]} all */
  const one = all => {
    const { path, text } = rng.pick(all);
    let out = text;
    for (let k = 1 + rng.below(2); k > 0; k--) {
      const mutation = rng.pick(names);
      said.push(mutation);
      out = /** @type {import('./mutations.mjs').Mutation} */ (MUTATIONS[mutation])(out, rng, rng.pick(all).text);
    }
    said.push(path);
    return rng.below(50) === 0 ? randomBytes(rng, rng.below(5000)) : out;
  };
  /** @type {import('./case.mjs').Files} */
  const python = { 'app.py': one(from.python) };
  const main = one(from.rust);
  const manifest = `${MANIFEST}${/actix_web/.test(String(main)) ? 'actix-web = "4"' : 'axum = "0.8"'}\n`;
  /** @type {import('./case.mjs').Files} */
  const rust = { 'Cargo.toml': manifest, 'src/main.rs': main };
  return { name: `case ${n}: ${said.join(', ')}`, python, rust };
}
