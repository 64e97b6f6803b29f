import { bytes, duration, quantity } from '../../../lib/numbers.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import { committed } from '../../present/committed.ts';
import type { RunView } from '../../present/run-view.ts';
import { stepRows, type StepRow } from '../../present/steps.ts';
import { correctionSteps } from './way-lines.ts';
import { rehearses } from './way.ts';
import { isStale, plannedOf, rehearsalOf, writtenOf, viewOf, type ReviewState } from './state.ts';

/** The whole way to the end: what the dry-run did, and what the deploy would do. */
export function reviewSteps(state: ReviewState, report: PlanReport, now: number): readonly StepRow[] {
  if (state.way && !rehearses(state.way)) return correctionSteps(state.way, report);
  const heard = state.rehearsal.kind === 'none' ? [] : stepRows(rehearsalOnly(state), now);
  // Until its process tells of them the steps stand there as they did before the key.
  const done = heard.length === 0 ? rehearsalToCome(report) : heard;
  const stale = isStale(state);
  return [...(stale ? done.map(outdated) : done), applyRow(state, report), verifyRow()];
}

/** The run of a way names the steps that follow the consent, too: here those are the page's own. */
function rehearsalOnly(state: ReviewState): RunView {
  const view = viewOf(state);
  if (!state.way) return view;
  const steps = view.steps.filter(
    ({ step, startedAt }) => step === 'backup' || step === 'dry-run' || startedAt !== undefined,
  );
  return { ...view, steps };
}

function rehearsalToCome(report: PlanReport): readonly StepRow[] {
  const { environment } = report;
  const databases = writtenOf(report);
  const size = databases.reduce((sum, one) => sum + (one.size ?? 0), 0);
  const none = databases.every(({ exists }) => !exists);
  const dryRun = toCome('dry-run', rehearsalWords(report), [briefRehearsal[rehearsalOf(report)]]);
  const amount = size > 0 ? `${bytes(size)} of ${environment}` : environment;
  if (keptByServer(databases)) {
    const place = "its place in the server's own history is noted";
    return [toCome('backup', place, ["its place in the server's history"]), dryRun];
  }
  return [
    none
      ? toCome('backup', 'nothing to back up: the database does not exist yet', ['nothing to back up yet'])
      : toCome('backup', `${amount}, read back and checked`, [
          size > 0 ? `${bytes(size)}, read back and checked` : 'read back and checked',
        ]),
    dryRun,
  ];
}

const briefRehearsal = {
  structure: 'on the schema alone, nothing of rows',
  'in-target': 'in the database itself, and undone',
  full: 'the plan is run on a copy',
} as const;

/** D1 at Cloudflare can be taken back in its history, so no copy is made of it. */
function keptByServer(databases: PlanReport['databases']): boolean {
  return databases.every(({ engine }) => engine === 'd1-remote');
}

function rehearsalWords(report: PlanReport): string {
  const databases = writtenOf(report);
  const rules = databases.some(({ engine }) => engine.startsWith('d1-')) ? ", by D1's rules" : '';
  const rehearsal = rehearsalOf(report);
  switch (rehearsal) {
    case 'structure':
      return `on the schema alone${rules}: proves nothing about rows`;
    case 'in-target':
      return 'run in the database itself, in a request that undoes it';
    case 'full':
      return keptByServer(databases)
        ? `the plan is run on a copy of the rows${rules}`
        : `the plan is run on the backup, restored into a copy${rules}`;
    default:
      return unreachable(rehearsal);
  }
}

function applyRow({ way }: ReviewState, report: PlanReport): StepRow {
  const planned = plannedOf(report);
  const tags = new Set(planned.map(({ tag }) => tag));
  const rehearsed = (report.evidence ?? [])
    .flatMap(({ migrations }) => migrations)
    .filter(({ tag }) => tags.has(tag));
  const took = rehearsed.reduce((sum, one) => sum + one.took, 0);
  const remote = writtenOf(report).some(({ engine }) => engine.endsWith('-remote'));
  const how = remote
    ? `${way ? 'all of it' : 'each migration and its record'} sent as one batch`
    : asCommitted(planned, way && planned.length === 1 ? 'way' : 'deploy');
  // What runs outside of a transaction lets writers on.
  const parted = new Set(planned.filter(({ steps }) => steps !== undefined).map(({ tag }) => tag));
  const holding = rehearsed.filter(({ tag }) => !parted.has(tag));
  const waits = holding.length > 0 ? `; writers wait about ${duration(longestOf(holding))}` : '';
  const short = how
    .replace('each migration and its record in one transaction', 'one transaction each')
    .replace('all of it in one transaction', 'one transaction');
  const brief = [`${short}${waits}`, ...(waits === '' ? [] : [waits.slice(2)])];
  return {
    ...toCome('apply', `${how}, under a lock${waits}`, brief),
    time: rehearsed.length > 0 ? `about ${duration(took)}` : '',
  };
}

function asCommitted(planned: ReturnType<typeof plannedOf>, what: 'way' | 'deploy'): string {
  const migrations = planned.map(({ tag, steps }) => ({ tag, parts: steps?.length }));
  const inParts = migrations.some(({ parts }) => parts !== undefined);
  return what === 'way' && !inParts ? 'all of it in one transaction' : committed(migrations);
}

function longestOf(migrations: readonly { readonly took: number }[]): number {
  return Math.max(...migrations.map(({ took }) => took));
}

function verifyRow(): StepRow {
  return toCome('verify', 'schema, rows, foreign keys and integrity against the dry-run', [
    'schema, rows, keys, integrity as rehearsed',
    'whether all is as rehearsed',
  ]);
}

function toCome(name: string, says: string, brief: readonly string[]): StepRow {
  return { sign: 'pending', tone: 'text', name, time: '', says, brief, saysTone: 'dim' };
}

function outdated(row: StepRow): StepRow {
  return { ...row, tone: 'dim', saysTone: 'dim' };
}

/** `12 statements`, over all migrations of the plan. */
export function statementsOf(report: PlanReport): string {
  return quantity(
    plannedOf(report).reduce((sum, { statements }) => sum + statements, 0),
    'statement',
  );
}
