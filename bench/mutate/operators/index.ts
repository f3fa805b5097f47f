/** All operators, in the order of the table: on the port, and on the original. */
import type { Operator } from '../mutant.js';
import { actix } from './actix.js';
import { bypasses } from './bypasses.js';
import { conditions } from './conditions.js';
import { defaults } from './defaults.js';
import { exemptions } from './exemptions.js';
import { extractors } from './extractors.js';
import { middleware } from './middleware.js';
import { open } from './open.js';
import { original } from './original.js';
import { refactorings } from './refactorings.js';
import { results } from './results.js';
import { rights } from './rights.js';
import { routes } from './routes.js';
import { tokens } from './tokens.js';

export const operators: readonly Operator[] = [
  ...extractors,
  ...routes,
  ...exemptions,
  ...actix,
  ...middleware,
  ...conditions,
  ...open,
  ...bypasses,
  ...results,
  ...defaults,
  ...rights,
  ...tokens,
  ...original,
  ...refactorings,
];
