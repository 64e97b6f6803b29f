import { changedParts, partsOf } from '../../schema/parts.ts';
import { sameRecords, type Correction } from '../history/correction.ts';
import { earliest, type HalfRun } from './half-run.ts';
import type { WaysInput } from './input.ts';
import type { Option } from './option.ts';
import { capital, statementsFrom } from './words.ts';

/** Records it as applied without running anything. */
export function recording(half: HalfRun | undefined, input: WaysInput): Option {
  const { diagnosed, migration, entry } = input;
  if (entry) return closed('It has its record.');
  if (diagnosed.diagnosis.kind === 'unrecorded') {
    return {
      kind: 'open',
      id: 'record',
      why: `All of it is there: adds its record to ${input.bookkeeping.table}. No statement is run.`,
      way: { kind: 'correct', statements: (now) => recordOf(input, now) },
    };
  }
  if (!half) return closed('Whether all of it ran is not known.');
  const of = migration.statements.length;
  const from = earliest(half);
  if (!isSchemaComplete(half, of)) {
    const open =
      half.reached.at(-1) === of ? 'may not have run' : `${from + 1 === of ? 'has' : 'have'} not run`;
    return closed(`Not true: ${statementsFrom(from + 1, of)} ${open}.`);
  }
  return {
    kind: 'open',
    id: 'record',
    why: `Its schema is complete, but ${statementsFrom(from + 1, of)} may not have run, and nothing is run now: for who has looked at the rows and answers for them. ${capital(`adds its record to ${input.bookkeeping.table}.`)}`,
    way: {
      kind: 'correct',
      statements: (now) => recordOf(input, now),
      needsAcceptance: 'data-unproven',
    },
    advice: 'never',
  };
}

/** At every point at which it may stand the schema is that of its end. */
function isSchemaComplete({ points, reached }: HalfRun, of: number): boolean {
  const end = points[of];
  if (!end || reached.at(-1) !== of) return false;
  return reached.every((point) => {
    const schema = points[point];
    return schema !== undefined && changedParts(partsOf(schema), partsOf(end)).size === 0;
  });
}

function recordOf({ migration, bookkeeping, entries }: WaysInput, now: number): Correction {
  return [
    ...(bookkeeping.exists ? [] : bookkeeping.create().map((sql) => ({ ...sql, role: 'record' as const }))),
    ...sameRecords(bookkeeping, entries),
    { ...bookkeeping.record(migration, now), role: 'record' },
  ];
}

function closed(why: string): Option {
  return { kind: 'closed', id: 'record', why };
}
