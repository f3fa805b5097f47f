/**
 * All checks, in the order in which they claim: what accounts for a whole endpoint first, then guards from the most telling cause to
 * the least, then what only changes the manner, then what speaks about the port alone. Adding a check is a folder and a row.
 */
import { check as accessTightened } from './access-tightened/check.js';
import { check as duplicateRoute } from './duplicate-route/check.js';
import { check as effectBeforeGuard } from './effect-before-guard/check.js';
import { check as endpointExtra } from './endpoint-extra/check.js';
import { check as endpointMissing } from './endpoint-missing/check.js';
import { check as guardIneffective } from './guard-ineffective/check.js';
import { check as guardMissing } from './guard-missing/check.js';
import { check as guardRepeatedInline } from './guard-repeated-inline/check.js';
import { check as guardWeakened } from './guard-weakened/check.js';
import { check as methodWidened } from './method-widened/check.js';
import { check as outcomeChanged } from './outcome-changed/check.js';
import { check as outcomeMissing } from './outcome-missing/check.js';
import { check as refusalChanged } from './refusal-changed/check.js';
import { check as requirementRenamed } from './requirement-renamed/check.js';
import { check as stubHandler } from './stub-handler/check.js';
import type { Check, CheckMeta } from './types.js';
import { check as unverified } from './unverified/check.js';

export const checks: readonly Check[] = [
  endpointMissing,
  methodWidened,
  endpointExtra,
  stubHandler,
  effectBeforeGuard,
  guardIneffective,
  guardWeakened,
  guardMissing,
  unverified,
  accessTightened,
  refusalChanged,
  outcomeMissing,
  outcomeChanged,
  requirementRenamed,
  guardRepeatedInline,
  duplicateRoute,
];

export const metaOf = (rule: string): CheckMeta | undefined => checks.find(c => c.meta.id === rule)?.meta;
