import { sha256 } from '../../lib/hash.ts';
import { count } from '../../lib/numbers.ts';
import { moment } from '../../lib/time.ts';
import type { Diagnosed, Diagnosis } from './diagnosis.ts';
import { sayDiagnosis } from './words.ts';
import { isStepwise } from '../../sql/postgres/stepwise.ts';
import type { RecoveryAttempt } from '../reports.ts';

/** What the ledger has of the last run that began a migration in a target; `cut-off`: the intent is there, and no outcome. */
export interface Attempt extends RecoveryAttempt {
  /** Of the file as it was begun, in order; absent where a part of it was run. */
  readonly statementHashes?: readonly string[];
}

/** What the ledger keeps of each statement, so that an edited file can be told from what ran. */
export function statementHashes(statements: readonly { readonly sql: string }[]): readonly string[] {
  return statements.map(({ sql }) => sha256(sql).slice(0, 16));
}

/** The diagnosis with what the ledger says of it; where the two contradict each other, that is said and not resolved. */
export function withAttempt(
  diagnosed: Diagnosed,
  attempt: Attempt,
  statements: readonly { readonly sql: string }[],
): Diagnosed {
  const { diagnosis, evidence } = diagnosed;
  const { statementHashes: _, ...shown } = attempt;
  const edit = editOf(attempt, statements);
  const edited = edit && whenEdited(edit, diagnosis);
  const contradicted = isStepwise(statements) ? [] : contradiction(attempt, diagnosis);
  return {
    ...diagnosed,
    attempt: shown,
    ...(edited && { edited }),
    // A lost record takes nothing away from what the ledger and the schema agree on.
    ...(contradicted.length > 0 && !isOnlyUnrecorded(attempt, diagnosis) && { contradicted: true as const }),
    evidence: [
      `${sayAttempt(attempt)}.`,
      ...sayFailure(attempt),
      ...contradicted,
      ...sayBefore(attempt, diagnosis),
      ...(edit && edited ? sayEdit(edit, edited, attempt) : []),
      ...evidence,
    ],
  };
}

function sayAttempt({ run, operation, by, host, at, outcome }: Attempt): string {
  const did = operation === 'recover' ? 'tried a way out of it' : 'began it';
  const began = `Run ${run} (${operation}) of ${by}@${host} ${did} ${moment(at, { year: 'with' })}`;
  switch (outcome) {
    case 'committed':
      return `${began} and committed it`;
    case 'undone':
      return `${began} and undid it`;
    case 'half':
      return `${began} and stopped in the middle of it`;
    case 'unknown':
      return `${began} and lost the database before the outcome was known`;
    case 'cut-off':
      return `${began} and recorded no outcome`;
  }
}

function sayFailure({ statement, error }: Attempt): readonly string[] {
  if (error !== undefined) return [`Its error: ${error.replace(/\.$/, '')}.`];
  return statement === undefined
    ? []
    : [`The last that it wrote down was the beginning of statement ${statement}.`];
}

function contradiction(attempt: Attempt, diagnosis: Diagnosis): readonly string[] {
  const { run, outcome } = attempt;
  const says = sayDiagnosis(diagnosis);
  const contradict = 'The ledger and the schema contradict each other';
  switch (outcome) {
    case 'committed':
      return diagnosis.kind === 'recorded-not-there'
        ? [`${contradict}: run ${run} committed it, and nothing of it is there.`]
        : [
            `The ledger and the records contradict each other: run ${run} committed it, and it has no record.`,
          ];
    case 'undone':
      return shows(diagnosis) === 'nothing' || wasThereBefore(attempt, diagnosis)
        ? []
        : [`${contradict}: run ${run} undid it, and the schema says ${says}.`];
    case 'half':
      return [];
    case 'unknown':
    case 'cut-off':
      return shows(diagnosis) === 'a part' && !wasThereBefore(attempt, diagnosis)
        ? [`${contradict}: run ${run} would have left all of it or nothing, and the schema says ${says}.`]
        : [];
  }
}

/** A way out begins where another tool stopped; and what fails at a statement that had run meets what it had made. */
function wasThereBefore({ statementHashes: whole, statement }: Attempt, diagnosis: Diagnosis): boolean {
  if (!whole) return true;
  return statement !== undefined && statement <= surelyReached(diagnosis);
}

/** The last statement that ran, whichever of the points it is. */
function surelyReached(diagnosis: Diagnosis): number {
  switch (diagnosis.kind) {
    case 'stopped':
      return diagnosis.after;
    case 'one-of':
      return Math.min(...diagnosis.points);
    case 'schema-complete':
      return diagnosis.from;
    default:
      return 0;
  }
}

function sayBefore(attempt: Attempt, diagnosis: Diagnosis): readonly string[] {
  const { run, outcome } = attempt;
  const isMet = outcome === 'undone' && shows(diagnosis) !== 'nothing' && wasThereBefore(attempt, diagnosis);
  return isMet ? [`What is there was there before run ${run}, which undid its own work.`] : [];
}

function isOnlyUnrecorded({ outcome }: Attempt, diagnosis: Diagnosis): boolean {
  return outcome === 'committed' && shows(diagnosis) === 'all';
}

/** What the verdict says for certain is in the schema. */
function shows(diagnosis: Diagnosis): 'nothing' | 'a part' | 'all' {
  switch (diagnosis.kind) {
    case 'stopped':
      return 'a part';
    case 'one-of':
      if (diagnosis.points.includes(0)) return 'nothing';
      return diagnosis.points.includes(diagnosis.of) ? 'all' : 'a part';
    case 'schema-complete':
    case 'unrecorded':
      return 'all';
    default:
      return 'nothing';
  }
}

/** In which the file differs from what was begun. */
interface Edit {
  /** The first statement that is another one, from 1. */
  readonly first: number;
  /** How many there were, and how many there are. */
  readonly before: number;
  readonly now: number;
}

function editOf(
  { statementHashes: then }: Attempt,
  statements: readonly { readonly sql: string }[],
): Edit | undefined {
  if (!then) return undefined;
  const now = statementHashes(statements);
  const first = Array.from({ length: Math.max(then.length, now.length) }, (_, at) => at).find(
    (at) => then[at] !== now[at],
  );
  return first === undefined ? undefined : { first: first + 1, before: then.length, now: now.length };
}

/** An edit behind the last statement that may have run changes nothing that the verdict rests on. */
function whenEdited({ first, before, now }: Edit, diagnosis: Diagnosis): NonNullable<Diagnosed['edited']> {
  return first <= lastReached(diagnosis, Math.max(before, now)) ? 'before-the-stop' : 'after-the-stop';
}

/** The number of the last statement that may have run. */
function lastReached(diagnosis: Diagnosis, all: number): number {
  switch (diagnosis.kind) {
    case 'not-started':
    case 'recorded-not-there':
      return 0;
    case 'stopped':
      return diagnosis.after;
    case 'one-of':
      return Math.max(...diagnosis.points);
    default:
      return all;
  }
}

function sayEdit(
  { first, before, now }: Edit,
  edited: NonNullable<Diagnosed['edited']>,
  { run }: Attempt,
): readonly string[] {
  const what =
    before === now
      ? `statement ${first} is another one than in run ${run}`
      : `it had ${count(before)} statements in run ${run}, and has ${count(now)}, and they differ from statement ${first} on`;
  return [
    `The file was edited since: ${what}.`,
    edited === 'before-the-stop'
      ? 'How far it came is told from the file as it is now, which is another text than the one that ran.'
      : 'What it is taken to have run is the same in both.',
  ];
}
