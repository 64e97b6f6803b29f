import { sha256 } from '../lib/hash.ts';
import { moment } from '../lib/time.ts';
import type { Diagnosed, Diagnosis } from './diagnosis.ts';
import { sayDiagnosis } from './diagnosis-words.ts';
import type { RecoveryAttempt } from './reports.ts';

/** What the ledger has of the last run that began a migration in a target; `cut-off`: the intent is there, and no outcome. */
export interface Attempt extends RecoveryAttempt {
  /** Of what it began, in order. */
  readonly statementHashes: readonly string[];
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
  return {
    ...diagnosed,
    attempt: shown,
    evidence: [
      `${sayAttempt(attempt)}.`,
      ...contradiction(attempt, diagnosis),
      ...editedSince(attempt, statements),
      ...evidence,
    ],
  };
}

function sayAttempt({ run, operation, by, host, at, outcome }: Attempt): string {
  const began = `Run ${run} (${operation}) of ${by}@${host} began it ${moment(at, { year: 'with' })}`;
  switch (outcome) {
    case 'committed':
      return `${began} and committed it`;
    case 'undone':
      return `${began} and undid it`;
    case 'unknown':
      return `${began} and lost the database before the outcome was known`;
    case 'cut-off':
      return `${began} and recorded no outcome`;
  }
}

function contradiction({ run, outcome }: Attempt, diagnosis: Diagnosis): readonly string[] {
  const says = sayDiagnosis(diagnosis);
  switch (outcome) {
    case 'committed':
      return diagnosis.kind === 'recorded-not-there'
        ? [
            `The ledger and the schema contradict each other: run ${run} committed it, and nothing of it is there.`,
          ]
        : [
            `The ledger and the records contradict each other: run ${run} committed it, and it has no record.`,
          ];
    case 'undone':
      return shows(diagnosis) === 'nothing'
        ? []
        : [
            `The ledger and the schema contradict each other: run ${run} undid it, and the schema says ${says}.`,
          ];
    case 'unknown':
    case 'cut-off':
      return shows(diagnosis) === 'a part'
        ? [
            `The ledger and the schema contradict each other: run ${run} would have left all of it or nothing, and the schema says ${says}.`,
          ]
        : [];
  }
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

function editedSince(
  { run, statementHashes: then }: Attempt,
  statements: readonly { readonly sql: string }[],
): readonly string[] {
  const now = statementHashes(statements);
  if (then.length !== now.length) {
    return [
      `The file was edited since: it had ${then.length} statements in run ${run}, and has ${now.length}.`,
    ];
  }
  const other = now.findIndex((hash, at) => hash !== then[at]);
  return other === -1
    ? []
    : [`The file was edited since: statement ${other + 1} is another one than in run ${run}.`];
}
