/** From text to facts: the whole of what the rest of the program sees of the syntax. */
import type { FileFacts, Language } from '../facts/types.js';
import { withTree } from './parser.js';
import { lowerPython } from './python/lower.js';
import { lowerRust } from './rust/index.js';
import { readable } from './rust/readable.js';

/** Parses and lowers one file; the tree is freed. Needs `initParser()` awaited before. */
export function lower(language: Language, text: string): FileFacts {
  return language === 'python'
    ? withTree(language, text, root => lowerPython(root, text))
    : withTree(language, readable(text), root => lowerRust(root, text));
}
