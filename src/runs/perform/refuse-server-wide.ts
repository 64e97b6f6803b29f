import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { namedServerWide, rolesMadeByCode } from '../../sql/postgres/server-wide.ts';
import type { RunDatabase } from '../context.ts';

/**
 * Refuses to rehearse what no scratch database keeps to itself: roles and databases belong to the whole server, so that
 * the dry-run would change it, and the run would then find it changed. In PGlite there is no server.
 *
 * @throws MigrateError `rehearsal-failed`, before any of the migrations is run
 */
export async function refuseServerWide(
  { selected }: Pick<RunDatabase, 'selected'>,
  { name, query }: Pick<Engine, 'name' | 'query'>,
  environment: string,
): Promise<void> {
  if (name !== 'postgres') return;
  for (const { tag, statements } of selected) {
    for (const [index, { sql, number = index + 1 }] of statements.entries()) {
      const what = namedServerWide(sql) ?? (await newRole(sql, query));
      if (what === undefined) continue;
      throw new MigrateError(
        'rehearsal-failed',
        `${tag} cannot be rehearsed: statement ${number}, ${what}, changes the whole server, and so would its dry-run in a scratch database there. ${environment} was not changed.`,
        {
          next: `Run that statement by hand, once for each server, and take it out of ${tag}.`,
        },
      );
    }
  }
}

/** A DO block usually makes a role only where it is not there yet. */
async function newRole(sql: string, query: Engine['query']): Promise<string | undefined> {
  for (const role of rolesMadeByCode(sql)) {
    const [there] = await query({
      sql: 'SELECT 1 AS there FROM pg_catalog.pg_roles WHERE rolname = $1',
      args: [role],
    });
    if (!there) return `CREATE ROLE ${role} in a DO block`;
  }
  return undefined;
}
