import type { Engine } from '../../engines/engine.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { quoteName } from '../../sql/quote.ts';
import { rolesIn } from '../../sql/postgres/roles.ts';
import { namedServerWide, rolesMadeByCode } from '../../sql/postgres/server-wide.ts';
import type { RolesOfHistory } from './left-behind.ts';

/**
 * Looks through a history, before it is replayed, for what belongs to the whole server. In PGlite, which has one role
 * and goes with its roles, those that the history takes for given are made; on a server nothing is.
 *
 * @throws MigrateError `refused` for what would change a server, or would be given to the wrong owner
 */
export async function prepareRoles(
  migrations: readonly Pick<Migration, 'tag' | 'statements'>[],
  { name, query }: Pick<Engine, 'name' | 'query'>,
): Promise<RolesOfHistory> {
  const runner = String((await query({ sql: 'SELECT current_user AS role' }))[0]?.['role']);
  const isThere = async (role: string) => {
    const sql = 'SELECT 1 AS there FROM pg_catalog.pg_roles WHERE rolname = $1';
    return (await query({ sql, args: [role] })).length > 0;
  };
  const named = new Set<string>();
  const made = new Set<string>();
  const serverWide: string[] = [];
  for (const { tag, statements } of migrations) {
    for (const [index, { sql }] of statements.entries()) {
      const found = await rolesIn(sql);
      if (found.owners.has(runner)) throw wrongOwner({ tag, number: index + 1, runner });
      for (const role of found.named) named.add(role);
      const byCode = rolesMadeByCode(sql);
      for (const role of [...found.made, ...byCode]) made.add(role);
      const what =
        namedServerWide(sql) ?? (byCode.length > 0 ? `CREATE ROLE ${byCode.join(', ')}` : undefined);
      if (what === undefined) continue;
      const isHarmless = byCode.length > 0 && (await Promise.all(byCode.map(isThere))).every(Boolean);
      if (name !== 'pglite' && !isHarmless) throw changesServer({ tag, number: index + 1, what });
      serverWide.push(sql);
    }
  }
  if (name === 'pglite') {
    for (const role of named) {
      if (made.has(role) || (await isThere(role))) continue;
      await query({ sql: `CREATE ROLE ${quoteName(role)}` });
    }
  }
  return { runner, named, serverWide };
}

interface Place {
  readonly tag: string;
  readonly number: number;
}

function changesServer({ tag, number, what }: Place & { readonly what: string }): MigrateError {
  return new MigrateError(
    'refused',
    `The history cannot be replayed on a server: statement ${number} of ${tag}, ${what}, changes all of it. Nothing was written.`,
    { next: 'Without scratch in the targets it is replayed in PGlite, which has no server.' },
  );
}

/** Objects of the role that replays are taken for those of whoever deploys. */
function wrongOwner({ tag, number, runner }: Place & { readonly runner: string }): MigrateError {
  return new MigrateError(
    'refused',
    `Statement ${number} of ${tag} makes ${runner} the owner of something, which is also the role that the history is replayed as: whose the other objects are cannot be told apart. Nothing was written.`,
    { next: 'Squash from after it, or name a server with another role with scratch in a target.' },
  );
}
