/**
 * Lets node run TypeScript as it stands: `node --import ./bench/ts.mjs file.ts`. Types are stripped by the compiler of the tests; the
 * type check is a step of its own.
 */
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
