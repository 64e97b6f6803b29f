import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { moment } from '../../lib/time.ts';
import { sayDiagnosis } from '../diagnosis/words.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import type { Rest } from '../rollback/rest.ts';
import { sayTakenBack, type TakenBack } from '../rollback/taken-back.ts';
import type { Option } from '../ways/option.ts';
import { shownOption } from '../ways/shown-option.ts';
import { asUnits, listed, statementsFrom } from '../ways/words.ts';
import { removeNote } from './note.ts';
import { whileAtWork, type AtWork } from './while-at-work.ts';

/** A rollback in parts that stopped in the middle of a migration. */
export interface HalfTakenBack extends TakenBack {
  readonly rest: Rest;
  /** What still works on it, where something does. */
  readonly atWork?: AtWork;
}

/** One case for each. */
export function halfTakenBack(input: RecoveryInput): readonly RecoverableCase[] {
  return (input.takenBack ?? []).map((half) => caseOf(half, input));
}

function caseOf(half: HalfTakenBack, input: RecoveryInput): RecoverableCase {
  const { noted, migration, atWork, rest } = half;
  const options = atWork
    ? whileAtWork(atWork, ['undo', 'remove-note'])
    : [goingOn(half), removingNote(half, input)];
  const open = options.filter((option) => option.kind === 'open');
  const best = open.find(({ advice }) => advice !== 'never')?.id;
  return {
    shown: {
      situation: atWork?.kind ?? 'half-taken-back',
      database: input.database,
      tag: migration.tag,
      verdict: atWork
        ? sayDiagnosis(atWork)
        : sayTakenBack({ ...noted, ...(rest.kind === 'open' && { done: rest.done }) }),
      evidence: [noteOf(noted), ...(atWork ? [] : found(rest))],
      meaning: [
        `${migration.tag} still has its record, so nothing runs it again; a part of what it made is gone.`,
        'Nothing is deployed or taken back here until the rest of it is.',
      ],
      options: options.map((option) => shownOption(option, best)),
    },
    ways: new Map(open.map(({ id, way }) => [id, way])),
  };
}

function noteOf({ run, by, host, at, done, of }: Unfinished): string {
  const when = moment(new Date(at).toISOString(), { year: 'with' });
  const came = done === 0 ? 'that it began' : `that statement ${done} of ${of} was committed`;
  return `Run ${run.split('.')[0]} of ${by}@${host}, which took it back, noted in the target ${when} ${came}.`;
}

function found(rest: Rest): readonly string[] {
  if (rest.kind === 'closed') return [rest.why];
  return rest.invalid.map(
    (index) => `Index ${index} is not valid: the statement did not end. No query uses it.`,
  );
}

function goingOn({ migration, entry, noted, rest }: HalfTakenBack): Option {
  if (rest.kind === 'closed') {
    const back = 'Put back the file as it was begun, or end it by hand.';
    return { kind: 'closed', id: 'undo', why: `${rest.why} ${back}` };
  }
  const { statements, done, invalid } = rest;
  const clears = invalid.length === 0 ? '' : `Drops ${listed(invalid)}, which is not valid. `;
  const runs =
    done >= noted.of
      ? 'Every statement of the rollback file ran.'
      : `Runs ${statementsFrom(done + 1, noted.of)} of the rollback file ${asUnits(statements)}.`;
  return {
    kind: 'open',
    id: 'undo',
    why: `${clears}${runs} Leaves ${migration.tag} pending.`,
    way: { kind: 'undo', migration: { ...migration, statements }, entry },
  };
}

function removingNote({ migration, noted }: HalfTakenBack, { bookkeeping }: RecoveryInput): Option {
  return {
    kind: 'open',
    id: 'remove-note',
    why: `Takes the note away, and leaves ${migration.tag} recorded. Only once it was made whole again by hand.`,
    way: { kind: 'correct', statements: () => removeNote(noted, bookkeeping) },
    advice: 'never',
  };
}
