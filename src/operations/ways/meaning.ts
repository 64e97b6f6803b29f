import { unreachable } from '../../lib/unreachable.ts';
import { compareSchemas } from '../../schema/compare.ts';
import { foldName, sameName } from '../../sql/cursor.ts';
import { classify } from '../../sql/classify.ts';
import { leavesNothing } from '../diagnosis/diagnosis.ts';
import type { Facts } from './facts.ts';
import { earliest, latest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import { openRebuilds, type OpenRebuild } from './open-rebuilds.ts';
import { capital, listed, rowCount, statementsFrom } from './words.ts';

/** What the state means for whoever uses the database, in plain sentences: where the rows are, and what fails until then. */
export function meaningOf({ diagnosed: { diagnosis }, half, facts, invalid }: WaysInput): readonly string[] {
  switch (diagnosis.kind) {
    case 'not-started':
      return [notStarted(invalid)];
    case 'stopped':
    case 'one-of':
    case 'schema-complete':
      return half ? halfway(half, facts) : [];
    case 'unrecorded':
      return ['All of it is there. Only its record is missing: a deploy would run it a second time.'];
    case 'recorded-not-there':
      return ['It counts as applied, so no deploy will ever run it. What relies on it fails until then.'];
    case 'undecided':
      return [
        'How far it came is not known, so nothing is run by itself. The evidence says what was looked at.',
      ];
    case 'cannot-replay':
      return ['What it would leave behind could not be tried out, so how far it came is not known.'];
    case 'session-left':
      return [
        'A statement goes on though nobody waits for it. What is there now may be another thing in a moment.',
      ];
    case 'running-elsewhere':
      return ['Somebody is at work in it. What is there now may be another thing in a moment.'];
    default:
      return unreachable(diagnosis);
  }
}

function notStarted(invalid: WaysInput['invalid'] = []): string {
  if (invalid.length === 0) return 'Nothing of it lasts here. A deploy runs it as any other.';
  const names = listed(invalid.map(({ index }) => index));
  return `Nothing of it lasts here but ${names}, not valid and used by no query: what runs the migration drops it first.`;
}

function halfway(half: HalfRun, facts: Facts): readonly string[] {
  const rebuilds = openRebuilds(half);
  return [
    ...rebuilds.flatMap((rebuild) => rebuilding(rebuild, facts)),
    ...missing(half, rebuilds),
    ...unproven(half),
    ...(rebuilds.length > 0 && earliest(half) === latest(half) ? [cut(half)] : []),
  ];
}

function rebuilding({ phase, table, via, end }: OpenRebuild, { rows }: Facts): readonly string[] {
  const own = rows.get(foldName(table));
  const copied = rows.get(foldName(via));
  const counted = (count: number | undefined) => (count === undefined ? '' : ` (${rowCount(count)})`);
  switch (phase) {
    case 'copying':
      return own !== undefined && copied !== undefined && copied > own
        ? [
            `Table ${table} holds ${rowCount(own)}, and ${via}, which was made as its copy, ${rowCount(copied)}.`,
          ]
        : [
            `Table ${table} is as it was before, with its rows${counted(own)}. ${via} is an unfinished copy of it that nothing reads.`,
          ];
    case 'renaming':
      return [
        `The rows of ${table} are in ${via}${counted(copied)}, a table with another name. What reads ${table} fails until statement ${end} gives it its name.`,
      ];
    default:
      return unreachable(phase);
  }
}

/** What was there before the migration and is not there now, but for tables that are being rebuilt. */
function missing(half: HalfRun, rebuilds: readonly OpenRebuild[]): readonly string[] {
  const before = half.points[0];
  const now = half.points[earliest(half)];
  if (!before || !now) return [];
  const gone = compareSchemas(before, now).filter(
    ({ change, name, type }) =>
      change === 'removed' && !(type === 'table' && rebuilds.some(({ table }) => sameName(table, name))),
  );
  if (gone.length === 0) {
    return rebuilds.length > 0 ? [] : ['Nothing that was there before it is missing.'];
  }
  return [`Gone since it was begun: ${listed(gone.map(({ type, name }) => `${type} ${name}`))}.`];
}

function unproven(half: HalfRun): readonly string[] {
  const { statements } = half.migration;
  const open = statements.flatMap(({ sql }, at) =>
    at >= earliest(half) && at < latest(half) && !leavesNothing(sql)
      ? [{ number: at + 1, kind: classify(sql) }]
      : [],
  );
  const [first] = open;
  const last = open.at(-1);
  if (!first || !last) return [];
  const tables = new Set(
    open.flatMap(({ kind }) =>
      kind.kind === 'insert' || kind.kind === 'update' || kind.kind === 'delete' ? [kind.table] : [],
    ),
  );
  const where = tables.size === 0 ? '' : `, in ${listed([...tables])}`;
  return [
    `Whether ${statementsFrom(first.number, last.number)} ran is not known: only rows would show it${where}.`,
  ];
}

function cut(half: HalfRun): string {
  const next = statementsFrom(latest(half) + 1, latest(half) + 1);
  return `${capital(next)} never ran: a file that is sent statement by statement stops like this when it is cut.`;
}
