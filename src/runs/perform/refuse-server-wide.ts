import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import { namedServerWide } from '../../sql/server-wide.ts';
import type { RunDatabase } from '../context.ts';

/**
 * Refuses to rehearse what no scratch database keeps to itself: roles and databases belong to the whole server, so that
 * the dry-run would change it, and the run would then find it changed. In PGlite there is no server.
 *
 * @throws MigrateError `rehearsal-failed`, before any of the migrations is run
 */
export function refuseServerWide(
  { selected }: Pick<RunDatabase, 'selected'>,
  { name }: Pick<Engine, 'name'>,
  environment: string,
): void {
  if (name !== 'postgres') return;
  for (const { tag, statements } of selected) {
    for (const [index, { sql, number = index + 1 }] of statements.entries()) {
      const what = namedServerWide(sql);
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
