import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { count } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import { moment } from '../../lib/time.ts';
import { partsToRun } from '../../sql/postgres/stepwise.ts';
import { mayOrNot, sayDiagnosis } from './words.ts';
import type { Diagnosed, Diagnosis } from './diagnosis.ts';
import type { LeftInvalid } from './left-invalid.ts';
import { reachedPoints } from '../ways/half-run.ts';

/** What else than its schema says how far a migration came. */
export interface Traced {
  /** What the target itself keeps of it. */
  readonly noted?: Unfinished;
  readonly invalid: readonly LeftInvalid[];
}

/**
 * The diagnosis with what the target keeps of a migration that is not one transaction. The note was written with what
 * it tells of, so that it decides between points that look alike; a schema that fits none of its points is believed.
 */
export function withUnfinished(
  diagnosed: Diagnosed,
  { noted, invalid }: Traced,
  migration: Pick<Migration, 'hash' | 'statements'>,
): Diagnosed {
  const found = noted ? narrowed(diagnosed, { noted, invalid }, migration) : diagnosed;
  const said = invalid.map(
    ({ index, statement, named }) =>
      `Index ${index} is not valid: ${named}, statement ${statement}, did not end. No query uses it.`,
  );
  return { ...found, evidence: [...said, ...found.evidence.map((each) => asNotValid(each, invalid))] };
}

/** The replay goes by the schema that queries go by, in which such an index is not: it must not be called missing. */
function asNotValid(sentence: string, invalid: Traced['invalid']): string {
  return invalid.reduce(
    (text, { index }) =>
      text.replaceAll(`index ${index} does not exist`, () => `index ${index} is not valid`),
    sentence,
  );
}

function narrowed(
  diagnosed: Diagnosed,
  { noted, invalid }: Required<Traced>,
  { hash, statements }: Pick<Migration, 'hash' | 'statements'>,
): Diagnosed {
  const { run, by, host, at, done, of } = noted;
  const when = moment(new Date(at).toISOString(), { year: 'with' });
  const came = done === 0 ? 'that it began' : `that statement ${count(done)} of ${count(of)} was committed`;
  const note = `Run ${run.split('.')[0]} of ${by}@${host} noted in the target ${when} ${came}.`;
  if (noted.hash !== hash) {
    const edit = diagnosed.edited === undefined ? ['The file was edited since.'] : [];
    return { ...diagnosed, evidence: [note, ...edit, ...diagnosed.evidence] };
  }
  const points = pointsOf({ noted, invalid }, statements);
  const { diagnosis } = diagnosed;
  const fitting = reachedPoints(diagnosis, statements.length).filter((point) => points.has(point));
  if (fitting.length > 0) {
    return {
      ...diagnosed,
      diagnosis: told(diagnosis, fitting, statements.length),
      // Where one point is left the note has answered that.
      evidence: [
        note,
        ...diagnosed.evidence.filter((each) => fitting.length > 1 || !each.endsWith(mayOrNot)),
      ],
    };
  }
  const contradicts = `The schema says otherwise: ${sayDiagnosis(diagnosis)}.`;
  return { ...diagnosed, evidence: [note, contradicts, ...diagnosed.evidence] };
}

/**
 * A statement by itself may have ended before that was noted, unless what it left says that it did not. Of one that
 * drops an index the rest is no more than to drop what is not valid any more, which each way begins with.
 */
function pointsOf(
  { noted: { done }, invalid }: Required<Traced>,
  statements: readonly { readonly sql: string }[],
): ReadonlySet<number> {
  const next = partsToRun(statements).find(({ first }) => first === done + 1);
  if (next?.kind !== 'alone') return new Set([done]);
  const left = invalid.find(({ statement }) => statement === done + 1);
  if (left?.named === 'DROP INDEX CONCURRENTLY') return new Set([done + 1]);
  return new Set(left ? [done] : [done, done + 1]);
}

function told(diagnosis: Diagnosis, fitting: readonly number[], of: number): Diagnosis {
  const [point, ...others] = fitting;
  if (point === undefined || others.length > 0) {
    return diagnosis.kind === 'one-of' ? { ...diagnosis, points: fitting } : diagnosis;
  }
  if (point === 0) return { kind: 'not-started' };
  return point === of ? { kind: 'unrecorded' } : { kind: 'stopped', after: point, of };
}
