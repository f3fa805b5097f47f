/** Verdicts that were asked for and thrown away: a check whose answer nobody looks at protects nothing. */
import type { GuardKind, IneffectiveReason } from '../contract/types.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev, Exit } from '../program/ev.js';
import type { Place } from '../program/formula.js';
import { atomsOf, conjuncts, type F, FALSE, TRUE } from '../program/formula.js';
import { atom, prov } from '../program/make.js';
import { taskOf } from '../program/tasks.js';
import { Prov, type Val } from '../program/values.js';
import { leaves, Responses } from './responses.js';
import { isSecretCheck } from './passwords.js';
import { GUARD_KINDS, triggerOf } from './triggers.js';

export interface DroppedVerdict {
  kind: GuardKind;
  name: string;
  reason: IneffectiveReason;
  place: Place;
  says: string;
}

const NEVER = {
  dead: ['dead-code', 'what stands here never runs'],
  gated: ['cfg-gated', 'what stands here is not compiled by default'],
  commented: ['commented-out', 'the check stands in a comment'],
} as const;

export function droppedVerdicts(ev: Ev, models: PackModels, dropped: readonly Dropped[]): DroppedVerdict[] {
  const out: DroppedVerdict[] = [];
  const responses = new Responses(models, v => ev.program.pathOf(v));
  for (const d of dropped) {
    if (d.how === 'logged' || d.how === 'asked' || d.how === 'caught') continue;
    if (d.how === 'dead' || d.how === 'gated' || d.how === 'commented') {
      const [reason, says] = NEVER[d.how];
      const kind = kindOf(d.pc ?? TRUE, undefined);
      if (!refuses(responses, d.exit) || out.some(o => o.place === d.place && o.kind === kind)) continue;
      out.push({ kind, name: d.name ?? d.frame?.name ?? 'check', reason, place: d.place, says });
      continue;
    }
    const v = d.val;
    // A closure has no name.
    const name = d.name || 'check';
    if (d.how === 'constant') {
      out.push({
        kind: 'authz',
        name,
        reason: 'always-passes',
        place: d.place,
        says: `\`${name}\` is always true`,
      });
      continue;
    }
    if (isSecretCheck(v)) {
      out.push({
        kind: 'authn',
        name: name,
        reason: 'verdict-dropped',
        place: d.place,
        says: 'whether the password is right is asked, and the answer thrown away',
      });
      continue;
    }
    const task = taskOf(v);
    if (task && !task.state.ran) {
      const kind = aboutCaller(refusalIn(ev, task, responses)?.cond ?? FALSE, undefined);
      const says = 'it runs in a task of its own, and the request goes on whatever comes of it';
      if (kind) out.push({ kind, name: task.name, reason: 'verdict-dropped', place: d.place, says });
      continue;
    }
    if (d.how === 'not-awaited' && v.t === 'coro') {
      if (v.state.ran) continue;
      const refused = refusalIn(ev, v, responses);
      if (refused)
        out.push({
          kind: kindOf(refused.cond, undefined),
          name: v.name,
          reason: 'not-awaited',
          place: d.place,
          says: `\`${v.name}\` is called and never awaited: it does not run`,
        });
      continue;
    }
    const bool = verdictBool(models, v);
    if (bool) {
      out.push({
        kind: 'authn',
        name: bool,
        reason: 'verdict-dropped',
        place: d.place,
        says: `the boolean that \`${bool}\` gives is thrown away: every credential passes`,
      });
      continue;
    }
    if (v.t === 'bool') {
      const asked = atomsOf(v.f).filter(a => a.args.some(x => prov(x) & (Prov.Credential | Prov.Csrf | Prov.Signature)));
      const first = asked[0];
      if (first && d.how !== 'propagated')
        out.push({
          kind: triggerOf(first, undefined).kind,
          name: name,
          reason: 'verdict-dropped',
          place: d.place,
          says: 'the result of the check is thrown away',
        });
      continue;
    }
    // What a check gives beside its refusal, which `?` has heeded: the caller, not a verdict on him.
    if (v.t === 'attr' && (v.ty?.cls !== undefined || (d.how === 'propagated' && v.ty?.path !== 'bool'))) continue;
    // `is_admin(&user);`: a function of the application that answers with a property of the caller.
    if (v.t === 'attr' && d.name !== undefined && prov(v) & Prov.Credential && d.frame?.fn?.module.language === 'rust') {
      const { kind } = triggerOf(atom('truthy', [v], d.place), undefined);
      if (GUARD_KINDS.has(kind))
        out.push({ kind, name, reason: 'verdict-dropped', place: d.place, says: 'the result of the check is thrown away' });
      continue;
    }
    // A refusal that was made and not returned.
    for (const l of leaves(v, ev.pc.f === 'false' ? TRUE : ev.pc)) {
      const failed = l.val.t === 'variant' && l.val.tag === 'Err';
      // An answer that is put together under a name is not thrown away with what a step of it gives.
      const a = !failed && !d.kept && l.val.t === 'call' ? responses.answer(l.val, false) : undefined;
      const refusal = failed || (a && !a.ok && (a.status === undefined || a.status >= 300));
      if (!refusal) continue;
      const asked = atomsOf(l.cond).length > 0;
      const kind = aboutCaller(asked ? l.cond : (d.pc ?? TRUE), a?.status);
      // What fails for a reason that is nothing about the caller (a connection could not be had) is no refusal.
      if (failed && asked && !kind) continue;
      out.push({
        kind: kind ?? 'authn',
        name: d.name || nameOf(l.val),
        reason: 'verdict-dropped',
        place: d.place,
        says: 'the refusal is made and not returned: the request goes on',
      });
      break;
    }
  }
  return out;
}

const refuses = (responses: Responses, e: Exit | undefined): boolean =>
  e?.kind === 'raise'
    ? !responses.answer(e.val, true).ok
    : e?.kind === 'return' && leaves(e.val, e.cond).some(l => isErr(l.val) || !responses.answer(l.val, false).ok);

const isErr = (v: Val): boolean => v.t === 'variant' && v.tag === 'Err';

/** How a function that was called and never run would have refused. */
function refusalIn(ev: Ev, task: Val & { t: 'coro' }, responses: Responses): { cond: F } | undefined {
  const { sink, pc, dropped } = ev;
  Object.assign(ev, { sink: [], pc: TRUE, dropped: [] });
  const result = task.run();
  const refused =
    ev.sink.find(e => e.kind === 'raise' && !responses.answer(e.val, true).ok) ?? leaves(result, TRUE).find(l => isErr(l.val));
  Object.assign(ev, { sink, pc, dropped });
  return refused;
}

const kindOf = (f: F, status: number | undefined): GuardKind => aboutCaller(f, status) ?? 'authn';

/** What a refusal is about: the last of the questions that led to it, as far as it was about the caller. */
function aboutCaller(f: F, status: number | undefined): GuardKind | undefined {
  for (const part of conjuncts(f).reverse())
    for (const a of atomsOf(part)) {
      const { kind } = triggerOf(a, status);
      if (GUARD_KINDS.has(kind)) return kind;
    }
  return undefined;
}

function verdictBool(models: PackModels, v: Val, depth = 0): string | undefined {
  if (depth > 8) return undefined;
  if (v.t === 'call') {
    if (models.row(v.path)?.verdict === 'bool') return v.path;
    return undefined;
  }
  if (v.t === 'op' && (v.op === 'ok' || v.op === 'err') && v.args[0]) return verdictBool(models, v.args[0], depth + 1);
  if (v.t === 'variant' && v.tag === 'Ok') return verdictBool(models, v.fields.get('0') as Val, depth + 1);
  if (v.t === 'phi') return verdictBool(models, v.a, depth + 1) ?? verdictBool(models, v.b, depth + 1);
  return undefined;
}

const nameOf = (v: Val): string => (v.t === 'call' ? v.name : v.t === 'variant' ? v.tag : 'refusal');
