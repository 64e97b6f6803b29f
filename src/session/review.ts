import type { Review } from '../operations/change.ts';
import type { Evidence } from '../operations/evidence.ts';
import { confirmationHash } from '../operations/plan.ts';
import type { Environment } from '../project/project.ts';
import type { Prepared } from './prepare.ts';
import { shownAddress } from './status.ts';

/** What is put before the person; its hash binds the consent to exactly this. */
export function reviewOf(environment: Environment, prepared: readonly Prepared[], root: string): Review {
  const evidence = prepared.flatMap(({ run }): readonly Evidence[] => (run.evidence ? [run.evidence] : []));
  const findings = prepared.flatMap((one) => one.findings);
  const migrations = prepared.flatMap(({ run, selected }) =>
    selected.map(({ tag, hash, statements }) => ({
      database: run.database.name,
      tag,
      hash,
      statements: statements.length,
    })),
  );
  return {
    environment: environment.name,
    protected: environment.protected,
    migrations: migrations.map(({ database, tag, statements }) => ({ database, tag, statements })),
    evidence,
    losses: evidence.flatMap(({ database, losses }) => losses.map((loss) => ({ database, ...loss }))),
    findings,
    hash: confirmationHash({
      environment: environment.name,
      locations: prepared.map(({ run }) => shownAddress(run.target.address, root)),
      migrations,
      evidence,
      errors: findings.filter(({ severity }) => severity === 'error').map(({ rule, tag }) => ({ rule, tag })),
    }),
  };
}
