/** The frameworks that are understood. A new one is a row here, a folder beside, and a pack in `rules/`. */
import { bottle } from './python/bottle/index.js';
import { fastapi } from './python/fastapi/index.js';
import { flask } from './python/flask/index.js';
import { actix } from './rust/actix/index.js';
import { axum } from './rust/axum/index.js';
import type { Adapter } from './types.js';

export const adapters: readonly Adapter[] = [bottle, fastapi, flask, axum, actix];
