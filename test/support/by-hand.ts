import { join } from 'node:path';
import { createClient } from '@libsql/client';
import type { SmallProject } from './small-project.ts';

/** What a person does in a shell, on the file of an environment. */
export async function byHand(
  { root }: SmallProject,
  statements: readonly string[],
  environment = 'local',
): Promise<void> {
  const client = createClient({ url: `file:${join(root, `${environment}.db`)}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}

/** The column `name` of each row that a query on the local database gives. */
export async function namesBy({ root }: SmallProject, sql: string): Promise<readonly unknown[]> {
  const client = createClient({ url: `file:${join(root, 'local.db')}` });
  const { rows } = await client.execute(sql);
  client.close();
  return rows.map((row) => row['name']);
}
