import type { DumpScript } from '../../engines/postgres/copy/dump-file.ts';
import { readScript } from '../../schema/postgres/script.ts';
import { ownSchema } from '../../sql/postgres/own-schema.ts';
import type { Query } from '../../sql/statement.ts';

/** The statements that make a database again but for its rows: with its tracking table, and without our lock. */
export async function describeDatabase(query: Query): Promise<DumpScript> {
  const { settings, beforeRows, afterRows, access, leftOut } = await readScript(query);
  const rights = access.filter((sql) => !sql.includes(` ${ownSchema}`));
  return { settings, beforeRows, afterRows, rights, leftOut };
}
