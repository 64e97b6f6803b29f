import { unfinishedTexts, type Unfinished } from '../../bookkeeping/unfinished.ts';
import { count } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import type { Migration } from '../../migrations/migration.ts';
import { some } from '../../migrations/some.ts';
import { foldName } from '../../sql/cursor.ts';
import { sayDiagnosis } from '../diagnosis/words.ts';
import { differencesOfFilesThatRan } from '../history/folder-fit.ts';
import { placeWithoutFile } from '../diagnosis/half-without-file.ts';
import type { RecoverableCase, RecoveryInput } from '../recovery.ts';
import { dropsOfInvalid } from '../ways/drop-invalid.ts';
import type { Option } from '../ways/option.ts';
import { shownOption } from '../ways/shown-option.ts';
import { listed } from '../ways/words.ts';
import { noteAsRead, noteKey, removeNote } from './note.ts';
import { whileAtWork, type AtWork } from './while-at-work.ts';

/** A migration in parts that the target keeps a note of, and whose file is not in the folder. */
export interface HalfWithoutFile {
  readonly noted: Unfinished;
  /** Indexes that are not valid and that no file of the folder names. */
  readonly invalid: readonly string[];
  /** What still works on it, where something does. */
  readonly atWork?: AtWork;
}

/** One case for each. */
export function halfWithoutFile(input: RecoveryInput): readonly RecoverableCase[] {
  return (input.withoutFile ?? []).map((half) => caseOf(half, input));
}

function caseOf(half: HalfWithoutFile, input: RecoveryInput): RecoverableCase {
  const { noted, atWork } = half;
  const options = atWork ? whileAtWork(atWork, ['back-out', 'remove-note']) : settled(half, input);
  const open = options.filter((option) => option.kind === 'open');
  const best = open.find(({ advice }) => advice !== 'never')?.id;
  const place = placeWithoutFile(noted);
  return {
    shown: {
      situation: atWork?.kind ?? 'half-without-file',
      database: input.database,
      tag: noted.tag,
      verdict: atWork ? sayDiagnosis(atWork) : `${place}, and no such file`,
      ...(noted.what === 'run' && !atWork ? { after: noted.done, of: noted.of } : {}),
      evidence: [noteOf(noted), ...(atWork ? working(atWork) : found(half, input))],
      meaning: meaningOf(half),
      options: [...open.filter(({ id }) => id === best), ...options.filter(({ id }) => id !== best)].map(
        (option) => shownOption(option, best),
      ),
    },
    ways: new Map(open.map(({ id, way }) => [id, way])),
  };
}

function meaningOf({ atWork }: HalfWithoutFile): readonly string[] {
  if (atWork?.kind === 'running-elsewhere')
    return ['It is run from a folder that has its file: nothing is deployed from here until it is done.'];
  return [
    'Bring its file back before anything else: another branch, a stash, or git log --diff-filter=D on the folder. Then recover says how far it came and offers its ways out.',
    'Until then nothing is deployed here: what the rest of it would do is not known.',
  ];
}

function noteOf({ run, by, host, at, what, done, of, hash }: Unfinished): string {
  const came =
    what === 'undo'
      ? 'that it was taking it back'
      : done === 0
        ? 'that it began'
        : `that statement ${count(done)} of ${count(of)} was committed`;
  const when = moment(new Date(at).toISOString(), { year: 'with' });
  return `Run ${run.split('.')[0]} of ${by}@${host} noted in the target ${when} ${came}; the hash of its file is ${hash.slice(0, 8)}.`;
}

function working(atWork: AtWork): readonly string[] {
  return atWork.kind === 'session-left'
    ? atWork.sessions.map(
        ({ pid, name }) => `Process ${pid} on the server (${name}) still runs a statement for it.`,
      )
    : ['When that run has ended, ask again: until then nothing is chosen.'];
}

function found({ noted, invalid }: HalfWithoutFile, input: RecoveryInput): readonly string[] {
  const twin = twinOf(noted, input);
  // These are said by themselves.
  const differences = differencesOfFilesThatRan(input)?.filter(
    (difference) => !invalid.some((index) => foldName(difference).startsWith(foldName(`index ${index} `))),
  );
  return [
    ...invalid.map((index) => `Index ${index} is not valid, and no file here makes it. No query uses it.`),
    ...(twin ? [`${twin.tag}, which has no record, has exactly its content.`] : []),
    ...(differences === undefined || differences.length === 0
      ? []
      : [`What the files that ran do not explain here: ${some(differences, 4)}.`]),
  ];
}

function twinOf({ hash }: Unfinished, { history }: RecoveryInput): Migration | undefined {
  const [twin, ...others] = history.items.flatMap((item) =>
    'migration' in item && !('entry' in item) && item.migration.hash === hash ? [item.migration] : [],
  );
  return others.length === 0 ? twin : undefined;
}

function settled(half: HalfWithoutFile, input: RecoveryInput): readonly Option[] {
  return [...renaming(half, input), backingOut(half), removingNote(half, input)];
}

function renaming({ noted }: HalfWithoutFile, input: RecoveryInput): readonly Option[] {
  const { bookkeeping } = input;
  const twin = twinOf(noted, input);
  if (!twin) return [];
  return [
    {
      kind: 'open',
      id: 're-key',
      why: `Gives the note the name that the file has now, ${twin.tag}; no migration is run. recover then says how far it came and offers its ways out.`,
      way: {
        kind: 'correct',
        statements: () => [
          noteAsRead(noted, bookkeeping),
          { ...unfinishedTexts.rename(noteKey(noted, bookkeeping), twin.tag), role: 'record' },
        ],
      },
    },
  ];
}

/** Without its file it is known to have done nothing else only where its first statement did not end. */
function backingOut({ noted, invalid }: HalfWithoutFile): Option {
  const { what, done } = noted;
  if (what === 'undo') return closed('back-out', 'What takes it back is not known without its file.');
  if (done > 0) {
    const which = done === 1 ? 'Statement 1 was' : `Statements 1 to ${done} were`;
    return closed('back-out', `${which} committed, and what takes that back is not known without its file.`);
  }
  if (invalid.length === 0) {
    return closed('back-out', 'No index that is not valid is left that could be of its first statement.');
  }
  const names = listed(invalid);
  return {
    kind: 'open',
    id: 'back-out',
    why: `Drops ${names}, which ${invalid.length === 1 ? 'is' : 'are'} not valid, without keeping anybody from writing, and takes the note away: none of its statements was committed. Its file, wherever it is, stays to be run.`,
    way: { kind: 'undo', migration: droppingAlone(noted, invalid) },
  };
}

function droppingAlone({ tag, hash }: Unfinished, invalid: readonly string[]): Migration {
  const statements = dropsOfInvalid(invalid).map((statement, at) => ({ ...statement, number: at + 1 }));
  return { tag, hash, when: -1, file: tag, statements };
}

function removingNote({ noted, invalid }: HalfWithoutFile, input: RecoveryInput): Option {
  const isNothingLeft = invalid.length === 0 && differencesOfFilesThatRan(input)?.length === 0;
  return {
    kind: 'open',
    id: 'remove-note',
    why: isNothingLeft
      ? 'Takes the note away: the schema is exactly what the files that ran make. What it may have done to rows stays.'
      : 'Takes the note away; what its statements did stays. Only once it was ended or taken back by hand.',
    way: { kind: 'correct', statements: () => removeNote(noted, input.bookkeeping) },
    // Rows that it changed are in no schema.
    ...(isNothingLeft && noted.done === 0 ? {} : { advice: 'never' as const }),
  };
}

function closed(id: string, why: string): Option {
  return { kind: 'closed', id, why };
}
