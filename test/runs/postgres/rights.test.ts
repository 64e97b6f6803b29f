import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaseTexts } from '../../../src/bookkeeping/lease-texts.ts';
import { openEngine } from '../../../src/engines/open.ts';
import { copyPostgres, putBackPostgres } from '../../../src/runs/postgres/copy.ts';
import { refuseIncomplete } from '../../../src/runs/postgres/left-out.ts';
import type { Query } from '../../../src/sql/statement.ts';
import { postgresServer, type PostgresServer } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const { signal } = new AbortController();

const made = [
  'CREATE TABLE closed (id serial)',
  `CREATE TYPE mood AS ENUM ('new')`,
  'CREATE TYPE span AS RANGE (subtype = float8)',
  'CREATE FUNCTION everybody() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  'CREATE SCHEMA inside',
  'CREATE TABLE inside.closed (id int)',
  'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO pg_monitor, PUBLIC',
  'ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO pg_monitor',
  'ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO pg_monitor',
  'ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO pg_monitor',
  'ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
  'ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC',
  'CREATE TABLE open (id int)',
  'CREATE FUNCTION nobody() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
];

async function rightsIn(query: Query): Promise<unknown> {
  const spaces = `(SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'inside'))`;
  return await query({
    sql: `SELECT name, x.grantee::regrole::text AS grantee, x.privilege_type AS privilege FROM (
        SELECT oid::regclass::text AS name, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) AS acl
        FROM pg_class WHERE relnamespace IN ${spaces} AND relkind IN ('r', 'S')
        UNION ALL SELECT proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
        WHERE pronamespace IN ${spaces} AND proname LIKE '%body'
        UNION ALL SELECT typname, coalesce(typacl, acldefault('T', typowner)) FROM pg_type WHERE typname IN ('mood', 'span')
        UNION ALL SELECT nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname = 'inside'
        UNION ALL SELECT 'default ' || defaclnamespace::regnamespace::text || defaclobjtype::text, defaclacl FROM pg_default_acl
      ) AS o, aclexplode(o.acl) AS x ORDER BY 1, 2, 3`,
  });
}

test('What a restore makes is open to the roles it was open to, whatever new objects are by default.', async () => {
  await using folder = await temporaryFolder();
  await using database = await server.createDatabase();
  await using client = await database.connect();
  for (const sql of made) await client.query(sql);
  const found = await openEngine(database.address, { purpose: 'change' });
  if (found.kind !== 'open') throw new Error('It is there.');
  await using engine = found.engine;
  const lease = leaseTexts('postgres');
  for (const { sql } of lease.create) await engine.query({ sql });
  const before = await rightsIn(engine.query);
  const file = folder.file('copy.pgdump');
  const look = () => Promise.resolve();
  await copyPostgres(database.address, file, {
    signal,
    onProgress: () => undefined,
    look,
    permit: refuseIncomplete,
  });
  await client.query('ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC');
  const remarks: string[] = [];
  await putBackPostgres({ address: database.address, engine }, file, {
    rights: 'as-dumped',
    fence: [],
    prepare: lease.plant({ run: 'r', by: 'me', host: 'here', backup: undefined }, 7),
    landed: lease.planted({ run: 'r', by: 'me', host: 'here', backup: undefined }, 7),
    onRemark: (says) => remarks.push(says),
    signal,
  });
  expect(remarks).toEqual([]);
  expect(await rightsIn(engine.query)).toEqual(before);
});
