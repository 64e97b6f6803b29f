import { expect } from 'vitest';
import { d1Project, type D1Project } from './d1-project.ts';
import type { D1Server } from './d1-server.ts';
import type { Line } from './program.ts';

/**
 * A wrangler project of one binding, DB, for the server's database `shop`, with a first migration, which makes `users`.
 *
 * @param more files to add, or to have instead
 * @param env for our program, instead of the server's variables
 */
export function d1Shop(
  server: D1Server,
  more: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = server.env,
): Promise<D1Project> {
  const binding = { binding: 'DB', database_name: 'shop', database_id: server.database('shop').uuid };
  const files = {
    'wrangler.json': JSON.stringify({ name: 'shop', d1_databases: [binding] }),
    'migrations/0001_users.sql': 'CREATE TABLE users (id integer PRIMARY KEY, name text);\n',
    ...more,
  };
  return d1Project(files, { server, env });
}

/** Carries a change out, which must be done, and gives its last event. */
export async function insist(project: D1Project, ...args: readonly string[]): Promise<Line | undefined> {
  const { last, stdout, stderr } = await project.ours(...args);
  expect(last, stdout + stderr).toMatchObject({ kind: 'done' });
  return last;
}
