import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drizzlePostgres } from '../../../src/bookkeeping/drizzle-postgres.ts';
import { takeLock } from '../../../src/runs/lock/lock.ts';
import { keepTables } from '../../../src/session/kit/keep-tables.ts';
import { mira } from '../../contracts/lock.ts';
import { kitProject } from '../../support/kit-project.ts';
import { postgresTarget } from '../../support/postgres-target.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const database = { dialect: 'postgres', table: '__drizzle_migrations' } as const;

for (const [line, version] of [
  ['drizzle-0', '0.31.0'],
  ['drizzle-1', '1.0.0'],
] as const) {
  test(`drizzle-kit of ${line} finds nothing to drop in a PostgreSQL database with records and our lock`, async () => {
    await using project = await kitProject(line);
    await using target = await postgresTarget(server);
    const records = drizzlePostgres({ format: line, schema: 'drizzle', table: '__drizzle_migrations' });
    for (const { sql } of records.create()) await target.client.query(sql);
    await takeLock(target.engine, mira, 1000);
    await target.client.query('CREATE TABLE users (id serial PRIMARY KEY)');
    const { rows } = await target.client.query<{ name: string }>('SELECT current_database() AS name');
    const config = {
      dialect: 'postgresql',
      schema: './schema.ts',
      dbCredentials: { url: server.url(rows[0]?.name ?? '') },
    };
    await project.write(
      'schema.ts',
      `import { pgTable, serial } from 'drizzle-orm/pg-core';
       export const users = pgTable('users', { id: serial('id').primaryKey() });`,
    );
    const said = async (kept: Readonly<Record<string, unknown>>) => {
      const text = JSON.stringify({ ...config, ...kept });
      await project.write('drizzle.config.ts', `export default ${text};`);
      const push = [
        'node_modules/drizzle-kit/bin.cjs',
        'push',
        ...(line === 'drizzle-1' ? ['--explain'] : []),
      ];
      const { all } = await execa(process.execPath, push, { cwd: project.path, all: true, reject: false });
      return all;
    };
    expect(await said(keepTables({ version }, { says: {} }, { database }))).toContain('No changes detected');
    // Should this fail, drizzle-kit has learned to leave alone what it did not make.
    if (line === 'drizzle-1') expect(await said({})).toContain('__migrate_tui');
  });
}

describe('what drizzle-kit is told to keep away from in PostgreSQL', () => {
  const told = (version: string, says: Readonly<Record<string, unknown>>, tableSchema?: string) =>
    keepTables({ version }, { says }, { database: { ...database, ...(tableSchema && { tableSchema }) } });

  test('is the schema of our lock for 1.0, which looks into every schema that it is not told of', () => {
    expect(told('1.0.0', {})).toEqual({ schemaFilter: ['!__migrate_tui'] });
    expect(told('1.0.0', { schemaFilter: '!old' })).toEqual({ schemaFilter: ['!old', '!__migrate_tui'] });
    expect(told('1.0.0', { schemaFilter: ['public'] })).toEqual({});
  });

  test('is the table of records for 0.x, where it is in a schema that drizzle-kit looks into', () => {
    const kept = { tablesFilter: ['!__drizzle_migrations'] };
    expect(told('0.31.0', {})).toEqual({});
    expect(told('0.31.0', {}, 'public')).toEqual(kept);
    expect(told('0.31.0', { schemaFilter: ['public', 'drizzle'] })).toEqual(kept);
    expect(told('0.31.0', { tablesFilter: ['app_*'] }, 'public')).toEqual({});
  });
});
