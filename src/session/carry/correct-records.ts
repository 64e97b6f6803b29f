import { MigrateError } from '../../lib/errors.ts';
import type { Acceptance, AccountOfDatabase } from '../../operations/consent/account.ts';
import type { Change } from '../../operations/change.ts';
import { changeCommand } from '../../operations/change-command.ts';
import type { Correction } from '../../operations/history/correction.ts';
import type { History } from '../../operations/history/history.ts';
import type { Records } from '../../operations/history/mark.ts';
import { planCorrection } from '../../operations/plan/plan.ts';
import { plannedSteps } from '../../operations/plan/planned-steps.ts';
import { readSnapshot } from '../../runs/snapshot.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { carryAgreed } from './carry-agreed.ts';
import type { Ground } from './ground.ts';
import { confirmFor, refuseUnagreed } from './plain-consent.ts';

type CorrectingChange = Extract<Change, { kind: 'mark' | 'baseline' | 'tidy' }>;

/**
 * The one database that records are changed in.
 *
 * @throws MigrateError `usage` where there are several, `refused` where it does not exist yet
 */
export function onlyDatabase({ prepared, context }: Ground, change: CorrectingChange): Prepared {
  const { name } = context.environment;
  const [only, ...others] = prepared;
  if (!only || others.length > 0) {
    const names = prepared.map(({ run }) => run.database.name);
    throw new MigrateError(
      'usage',
      `${name} has ${prepared.length} databases; records are changed in one. Nothing was changed.`,
      { next: `${changeCommand(change)} --database ${names.join(' or --database ')}` },
    );
  }
  if (only.run.engine) return only;
  throw new MigrateError(
    'refused',
    `${only.run.database.name} of ${name} does not exist yet: it has no records.`,
    {
      next: `migrate-tui deploy ${name} makes it.`,
    },
  );
}

/** The records as they are now, and what they say of the files. */
export async function recordsOf({
  run,
}: Prepared): Promise<{ readonly records: Records; readonly history: History }> {
  const { migrations } = run;
  const { bookkeeping, entries, history } = await readSnapshot(run.engine, {
    migrations,
    bookkeeping: run.bookkeeping,
  });
  return { records: { bookkeeping, entries, migrations }, history };
}

export interface RecordsToCorrect {
  /** What is done to the records, in a whole sentence. */
  readonly what: string;
  /** What led here, in whole sentences that stand before it. */
  readonly because?: readonly string[];
  readonly statements: Correction;
  /** What a person is told of them: `2 records`. */
  readonly told: Pick<AccountOfDatabase, 'writes' | 'loses'>;
  /** The words after `migrate-tui`, without those of consent. */
  readonly words: readonly string[];
  /** What nobody can prove of it. */
  readonly accept?: readonly Acceptance[];
}

/** Backup, then the tracking table alone, as one unit under the lock, once a person agreed. */
export async function correctRecords(
  ground: Ground,
  change: CorrectingChange,
  prepared: Prepared,
  { what, because = [], statements, told, words, accept = [] }: RecordsToCorrect,
): Promise<void> {
  const { environment } = ground.context;
  const database = prepared.run.database.name;
  const plan = planCorrection(environment.name, { operation: change.kind, database, what, statements });
  await refuseUnagreed(ground, change.consent, {
    operation: change.kind,
    environment: environment.name,
    protected: environment.protected,
    says: [...because, what],
    words,
    databases: [{ database, ...told }],
    steps: plannedSteps(plan),
    destroys: false,
    consent: { confirm: confirmFor(environment), accept },
  });
  await carryAgreed(ground, change, { prepared: [prepared], plan });
}
