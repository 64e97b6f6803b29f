import type { DoctorReport } from '../../operations/reports.ts';
import type { Project } from '../../project/project.ts';

type Check = DoctorReport['checks'][number];

/** Whether the project has the PGlite that a database is kept by, or that PostgreSQL's migrations are replayed in. */
export async function pgliteChecks({ databases, environments }: Project): Promise<readonly Check[]> {
  if (databases.every(({ dialect }) => dialect !== 'postgres')) return [];
  const { findPglite } = await import('../../engines/postgres/pglite/package.ts');
  const found = findPglite();
  const check = 'PGlite';
  if (found !== undefined) return [{ check, state: 'ok', says: `Migrations are replayed in ${found}.` }];
  const kept = environments.flatMap(({ name, targets }) =>
    targets.some(({ address }) => address.kind === 'pglite') ? [name] : [],
  );
  const next = 'npm i -D @electric-sql/pglite';
  if (kept.length > 0) {
    return [
      { check, state: 'problem', says: `The project has none, and ${kept.join(', ')} needs it.`, next },
    ];
  }
  const says = 'The project has none, in which verify, drift, recover and squash replay its migrations.';
  return [{ check, state: 'warning', says, next }];
}
