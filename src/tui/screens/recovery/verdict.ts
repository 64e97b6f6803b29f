import type { Sign, Signs } from '../../../lib/signs.ts';
import { stopped } from '../../../lib/sentences.ts';
import { agoAndMoment } from '../../../lib/time.ts';
import type { RecoveryCase, RecoverySituation, RecoveryTarget } from '../../../operations/reports.ts';
import { headline, paragraph } from '../../present/layout.ts';
import type { Line } from '../../present/line.ts';
import type { Tone } from '../../theme.ts';

interface VerdictView {
  readonly environment: string;
  readonly target: RecoveryTarget | undefined;
  readonly width: number;
  readonly now: number;
}

/** The first rows of a case: what is wrong, and who began it. */
export function verdictLines(
  signs: Signs,
  found: RecoveryCase,
  { environment, target, width, now }: VerdictView,
): readonly Line[] {
  return [
    ...headline(signs, lookOf(found.situation), verdictSentence(environment, found), width),
    ...whoSentences(found, target, now).flatMap((text) => paragraph(text, { width, indent: 4 })),
  ];
}

/** `dev is half-finished: 0014_orders_due_date stopped after statement 4 of 12.` */
export function verdictSentence(environment: string, { situation, tag, verdict }: RecoveryCase): string {
  const state = isHalf(situation) ? `${environment} is half-finished` : environment;
  return situation === 'stopped'
    ? `${state}: ${tag} ${stopped(verdict)}`
    : `${state}: ${tag}: ${stopped(verdict)}`;
}

function lookOf(situation: RecoverySituation): { readonly sign: Sign; readonly tone: Tone } {
  if (situation === 'running-elsewhere') return { sign: 'running', tone: 'accent' };
  return isHalf(situation) ? { sign: 'half', tone: 'danger' } : { sign: 'finding', tone: 'warn' };
}

/**
 * Who began it, when, on which machine, as far as the ledger or the lock knows; when the database was last written to;
 * what was read, where that was not the database itself; and what settles all of its cases at once.
 */
export function whoSentences(
  found: RecoveryCase,
  target: RecoveryTarget | undefined,
  now: number,
): readonly string[] {
  const [first, ...others] = begunSentences(found, now);
  const { remark, lead } = target ?? {};
  return [
    ...(first === undefined ? [] : [`${first}${lastChanged(target, now)}`]),
    ...others,
    ...(remark === undefined ? [] : [remark]),
    ...(lead === undefined ? [] : [lead]),
  ];
}

function lastChanged(target: RecoveryTarget | undefined, now: number): string {
  if (target?.changedAt === undefined) return '';
  return ` ${target.location} last changed ${agoAndMoment(target.changedAt, new Date(now))}.`;
}

function begunSentences({ attempt, situation }: RecoveryCase, now: number): readonly string[] {
  if (attempt) {
    const { run, operation, by, host, at, outcome, statement, error } = attempt;
    const did = operation === 'recover' ? 'tried a way out of it' : 'began it';
    const began = `Run ${run} (${operation}) of ${by}@${host} ${did} ${agoAndMoment(at, new Date(now))}, and ${ends[outcome]}.`;
    if (error === undefined) return [began];
    const where = statement === undefined ? '' : ` at statement ${statement}`;
    return [began, `It failed${where}: ${stopped(error)}`];
  }
  if (situation === 'not-started') return ['The ledger has no run of it.'];
  return ofAnAttempt.has(situation)
    ? ['As far as the ledger knows, something else than migrate-tui ran it.']
    : [];
}

const ends = {
  committed: 'committed it',
  undone: 'undid it',
  half: 'stopped in the middle of it',
  unknown: 'lost the database before the outcome was known',
  'cut-off': 'recorded no outcome',
} as const;

/** Whether something was begun and is not at its end, as against records and files that do not fit. */
export function isHalf(situation: RecoverySituation): boolean {
  return halves.has(situation);
}

const halves: ReadonlySet<RecoverySituation> = new Set([
  'stopped',
  'one-of',
  'schema-complete',
  'undecided',
  'half-without-file',
  'half-taken-back',
]);

/** Where somebody ran it, and the ledger should know who; a note in the database says so itself. */
const ofAnAttempt: ReadonlySet<RecoverySituation> = new Set([
  'stopped',
  'one-of',
  'schema-complete',
  'undecided',
  'unrecorded',
  'cannot-replay',
]);
