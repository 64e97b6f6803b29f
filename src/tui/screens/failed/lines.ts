import { commandLine } from '../../../lib/command-line.ts';
import { duration, quantity } from '../../../lib/numbers.ts';
import type { Sign, Signs } from '../../../lib/signs.ts';
import { agoAndMoment } from '../../../lib/time.ts';
import type { TagOf } from '../../../operations/events.ts';
import { faultLines, type Fault } from '../../present/fault.ts';
import { columns, headline } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { sqlOf } from '../../present/migration-sql.ts';
import { nextOnScreen } from '../../present/next.ts';
import type { Outcome } from '../../present/run-view.ts';
import { wayBackWords } from '../../present/way-back.ts';
import { cutClause, widthOf, wrapped } from '../../present/width.ts';
import type { Tone } from '../../theme.ts';
import { failureOf, isRollback, recordedState, type FailedState } from './state.ts';

/** In this order: what happened, what stayed, where it failed, what was not changed, what to do next. */
export function failedLines(
  signs: Signs,
  state: FailedState,
  { width, now, place }: { readonly width: number; readonly now: number; readonly place: string },
): readonly Line[] {
  const failure = failureOf(state.view);
  if (!failure) return [];
  const tags = [
    ...failure.applied.map((tag) => stayed(state, tag)),
    ...failure.undone.map((tag) => takenBack(state, tag)),
    ...(failure.failed
      ? [isRollback(state) ? brokenBack(state, failure.failed) : broken(state, failure.failed)]
      : []),
    ...failure.notBegun.map((tag) => notBegun(tag)),
  ];
  const longest = Math.max(0, ...tags.map(({ tag }) => widthOf(tag)));
  const fault = failure.failed && faultOf(state, failure.failed);
  return [
    ...headline(signs, { sign: 'failed', tone: 'danger' }, saidBefore(failure.message, fault), width),
    ...tags.map((row) => tagLine(signs, row, { width, longest })),
    ...(fault && !isSaid(failure.message, fault) ? faultLines(signs, fault, width) : []),
    ...labelled('not changed', notChanged(signs, state, now), width),
    ...(state.view.wayBack ? labelled('way back', wayBackWords(state.view), width) : []),
    ...state.view.notices
      .filter(({ level }) => level === 'warning')
      .flatMap(({ message }) => labelled('noted', message, width)),
    ...labelled('next', nextWords(state, failure, place), width),
  ];
}

interface TagRow {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly tag: string;
  readonly word: string;
  readonly says: string;
  /** The same where it is narrow. */
  readonly short?: string;
}

function stayed(state: FailedState, of: TagOf): TagRow {
  return { sign: 'done', tone: 'ok', tag: of.tag, word: 'applied', says: `${ranWords(state, of)}recorded` };
}

function takenBack(state: FailedState, of: TagOf): TagRow {
  const says = `${ranWords(state, of)}its record is gone`;
  return { sign: 'done', tone: 'ok', tag: of.tag, word: 'taken back', says };
}

/** `2 statements, 64 ms, `, as far as it is known. */
function ranWords({ view }: FailedState, { database, tag }: TagOf): string {
  const migration = view.migrations.find((one) => one.database === database && one.tag === tag);
  const took = migration?.took === undefined ? '' : `${duration(migration.took)}, `;
  return migration?.of === undefined ? '' : `${quantity(migration.of, 'statement')}, ${took}`;
}

/** Whether it was undone is what the target's own records say, once they were read back. */
function broken(state: FailedState, { database, tag }: TagOf): TagRow {
  const base = { sign: 'failed', tone: 'danger', tag } as const;
  switch (recordedState(state, database, tag)) {
    case undefined:
      return { ...base, word: 'failed', says: 'whether anything of it stayed is not known yet' };
    case 'half':
      return {
        ...base,
        sign: 'half',
        word: 'half',
        says: 'some of its statements stayed: w shows the ways out',
      };
    case 'applied':
      return {
        ...base,
        word: 'recorded',
        says: 'its record stands in the target all the same: it was applied',
      };
    default:
      return {
        ...base,
        word: 'undone',
        says: 'one transaction: none of its statements stayed, no record was written',
        short: 'none of it stayed',
      };
  }
}

/** The same of one that was to be taken back. */
function brokenBack(state: FailedState, { database, tag }: TagOf): TagRow {
  const base = { sign: 'failed', tone: 'danger', tag } as const;
  switch (recordedState(state, database, tag)) {
    case undefined:
      return { ...base, word: 'failed', says: 'whether anything of it was taken back is not known yet' };
    case 'half':
      return { ...base, sign: 'half', word: 'half', says: 'some statements stayed: w shows the ways out' };
    case 'applied':
      return {
        ...base,
        word: 'applied',
        says: 'as before: nothing of it was taken back, and its record stands',
        short: 'as before, with its record',
      };
    default:
      return { ...base, word: 'taken back', says: 'its record is gone all the same' };
  }
}

function notBegun({ tag }: TagOf): TagRow {
  return { sign: 'nothing', tone: 'dim', tag, word: 'not started', says: '' };
}

function tagLine(
  signs: Signs,
  { sign, tone, tag, word, says, short = says }: TagRow,
  { width, longest }: { readonly width: number; readonly longest: number },
): Line {
  const name = width >= 100 ? 28 : Math.min(28, Math.max(24, longest + 5));
  const room = Math.max(0, width - name - 14);
  const told = cutClause(width >= 100 ? says : short, room, signs);
  return columns(signs, [
    { content: [say('  '), say(signs[sign], tone), say(` ${tag}`)], width: name, cut: 'middle' },
    { content: ` ${word}`, width: 14 },
    { content: [say(told, word === 'not started' ? 'dim' : 'text')], width: room },
  ]);
}

/** Where it failed, from the files of today. */
function faultOf(state: FailedState, failed: TagOf): Fault | undefined {
  const migration = state.view.migrations.find(
    ({ database, tag }) => database === failed.database && tag === failed.tag,
  );
  const failure = migration?.failure;
  if (!failure) return undefined;
  const { statement: number, message } = failure;
  const sql = number === undefined ? undefined : sqlOf(state.sql, failed).get(number);
  return { number, sql, message, reason: sql ? reasonIn(message, failed.tag) : message };
}

/** The engine's sentence stands under its statement where that is known: the headline leaves it out there. */
function saidBefore(message: string, fault: Fault | undefined): string {
  if (!fault?.sql || isSaid(message, fault)) return message;
  return message.replace(`: ${fault.reason}`, fault.reason.endsWith('.') ? '.' : '');
}

/** Without its statement it would be the headline once more. */
function isSaid(message: string, { sql, reason }: Fault): boolean {
  return (sql === undefined && message.includes(reason)) || message === reason;
}

/** The engine's own words: the headline has said already where it was and what became of it. */
function reasonIn(message: string, tag: string): string {
  const from = /\([^)]*:\d+\): /.exec(message);
  const reason = from === null ? message : message.slice(from.index + from[0].length);
  const end = reason.indexOf(` ${tag} was `);
  return end > 0 ? reason.slice(0, end) : reason;
}

function notChanged(signs: Signs, state: FailedState, now: number): string {
  const { readBack, environment } = state;
  if (readBack.kind === 'unknown')
    return `What is in ${environment} is not known yet: ${readBack.error.message} r asks again.`;
  if (readBack.kind === 'reading') return `${signs.nothing} reading ${environment} back`;
  const target = readBack.status.environments[0];
  const silent = target?.targets.find(({ state: states }) => states.includes('unreachable'));
  if (silent) return `What is in ${environment} is not known yet: it does not answer. r asks again.`;
  const half = target?.targets.some(({ state: states }) => states.includes('half-finished'));
  const when = agoAndMoment(new Date(readBack.at).toISOString(), new Date(now));
  if (half) return `${environment} is half-finished (read back ${when}); w shows the ways out`;
  const schema = readBack.verify === undefined ? 'the records are' : verifyWords(readBack.verify.equal);
  return `${schema} those after the last applied migration (read back ${when})`;
}

function verifyWords(equal: boolean): string {
  return equal ? 'records and schema are' : 'the records, not all of the schema, are';
}

function nextWords(state: FailedState, failure: Extract<Outcome, { kind: 'failed' }>, place: string): string {
  const { environment } = state;
  const asBefore = failure.exitCode === 130 ? `${environment} is as it was; ` : '';
  return nextOnScreen(failure, {
    again: `${asBefore}${againWords(state, place)}`,
    rehearse: isRollback(state) ? 'u rehearses anew.' : 'd rehearses anew.',
    otherwise: `w shows the backups; ${isRollback(state) ? 'u' : 'd'} opens the review of what is left.`,
  });
}

/** A change without a rehearsal is begun again from its own page. */
function againWords(state: FailedState, place: string): string {
  const { change } = state;
  if (isRollback(state)) return 'u opens the review of what is left to take back.';
  if (!change && state.view.operation === 'recover')
    return `w shows what is in ${state.environment} now, and what leads out.`;
  if (!change) return 'd opens the review of what is left and goes on from here.';
  return change[0] === 'resync'
    ? 'f opens the review again.'
    : `${commandLine(change, place)} tells again what it would do.`;
}

function labelled(label: string, text: string, width: number): readonly Line[] {
  const indent = width >= 100 ? 16 : 15;
  const [first = '', ...rest] = wrapped(text, width - indent - 1);
  return [
    [say(`  ${label.padEnd(indent - 2)}`, 'dim'), say(first)],
    ...rest.map((row) => [say(' '.repeat(indent)), say(row)]),
  ];
}
