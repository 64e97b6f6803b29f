import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/operations/change.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { postgresServer, type PostgresDatabase, type PostgresServer } from '../support/postgres.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await postgresServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** `staging` and `local` are databases of their own on the server. */
function projectOn(local: PostgresDatabase, staging: PostgresDatabase): SmallProject {
  const project = smallProject('empty', 'postgresql');
  project.configure({
    environments: {
      local: { targets: { app: 'env:LOCAL_URL' } },
      staging: { targets: { app: 'env:STAGING_URL' } },
    },
  });
  const env = { ...project.env, LOCAL_URL: local.url, STAGING_URL: staging.url };
  project.add('0000_teams', [
    `CREATE TYPE colour AS ENUM ('red', 'blue');`,
    'CREATE TABLE teams (id serial PRIMARY KEY, name text NOT NULL, is colour);'.replace(' is ', ' "is" '),
    `INSERT INTO teams (name, "is") VALUES ('one', 'red'), ('two', 'blue');`,
  ]);
  project.add('0001_members', [
    'CREATE TABLE members (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);',
    'INSERT INTO members (team_id) SELECT id FROM teams;',
  ]);
  return { ...project, env };
}

const deploy = (environment: string): Change => ({ kind: 'deploy', environment, selection, consent });

async function last(project: SmallProject, change: Change) {
  const events = await carryOut(project, change);
  return events.at(-1);
}

async function names(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ readonly name: string }>('SELECT name FROM teams ORDER BY id');
  return rows.map(({ name }) => name);
}

describe('an environment on a PostgreSQL server', () => {
  test('is backed up, rehearsed on a scratch database, applied, and restored as it was', async () => {
    await using local = await server.createDatabase();
    await using staging = await server.createDatabase();
    using project = projectOn(local, staging);
    expect(await last(project, deploy('staging'))).toMatchObject({ kind: 'done', backup: 'b1' });
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['current'], applied: 2 });
    await using client = await staging.connect();
    await client.query(`INSERT INTO teams (name) VALUES ('three')`);
    project.add('0002_more', ['ALTER TABLE teams ADD COLUMN size integer NOT NULL DEFAULT 1;']);
    expect(await last(project, deploy('staging'))).toMatchObject({ kind: 'done', backup: 'b2' });
    await client.query('DELETE FROM teams');
    const restore = { kind: 'restore', environment: 'staging', backup: 'b2', consent } as const;
    expect(await last(project, { ...restore, database: undefined, tables: undefined })).toMatchObject({
      kind: 'done',
    });
    expect(await names(client)).toEqual(['one', 'two', 'three']);
    expect(await statusIn(project, 'staging')).toMatchObject({ state: ['behind'], applied: 2, pending: 1 });
    expect(await last(project, deploy('staging'))).toMatchObject({ kind: 'done' });
    const { rows } = await client.query(
      `SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'migrate_tui%'`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('restored names the columns that functions of its own generate, as those are computed anew', async () => {
    await using local = await server.createDatabase();
    await using staging = await server.createDatabase();
    using project = projectOn(local, staging);
    const shout = (sign: string) =>
      `CREATE OR REPLACE FUNCTION shout(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT said || '${sign}' $$;`;
    project.add('0002_notes', [
      shout('!'),
      'CREATE TABLE notes (said text, loud text GENERATED ALWAYS AS (shout(said)) STORED, longer text GENERATED ALWAYS AS (upper(said)) STORED);',
      "INSERT INTO notes (said) VALUES ('ho');",
    ]);
    await last(project, deploy('staging'));
    await using client = await staging.connect();
    await client.query(shout('?'));
    await last(project, { kind: 'backup', environment: 'staging', databases: undefined, tables: undefined });
    const noticesOf = async (tables: readonly string[] | undefined) => {
      const change = {
        kind: 'restore',
        environment: 'staging',
        backup: 'b2',
        database: undefined,
        tables,
        consent,
      } as const;
      const events = await carryOut(project, change);
      expect(events.at(-1)).toMatchObject({ kind: 'done' });
      return events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
    };
    expect(await noticesOf(undefined)).toContainEqual(
      expect.stringMatching(/^notes\.loud is generated by functions .* computed anew/),
    );
    expect((await client.query('SELECT loud, longer FROM notes')).rows).toEqual([
      { loud: 'ho?', longer: 'HO' },
    ]);
    expect(await noticesOf(['notes'])).toContainEqual(
      expect.stringMatching(/^notes\.loud is generated by functions/),
    );
    expect((await noticesOf(['teams'])).join()).not.toContain('generated');
  });

  test('is emptied in place and built anew, and empty with nothing but the lock', async () => {
    await using local = await server.createDatabase();
    await using staging = await server.createDatabase();
    using project = projectOn(local, staging);
    await last(project, deploy('local'));
    await using client = await local.connect();
    await client.query(`CREATE TABLE mess (a int); INSERT INTO teams (name) VALUES ('mine')`);
    const named = { ...consent, confirm: { environment: 'local', hash: undefined } };
    const reset = { kind: 'reset', environment: 'local', databases: undefined, consent: named } as const;
    expect(await last(project, { ...reset, end: 'rebuilt' })).toMatchObject({ kind: 'done' });
    expect(await names(client)).toEqual(['one', 'two']);
    expect(await last(project, { ...reset, end: 'empty' })).toMatchObject({ kind: 'done' });
    const { rows } = await client.query(
      `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(rows).toEqual([{ name: '__migrate_tui.lease' }]);
  });

  test('takes what another one has, masked, with what that has not run yet on top', async () => {
    await using local = await server.createDatabase();
    await using staging = await server.createDatabase();
    using project = projectOn(local, staging);
    project.configure({
      masks: { 'people.email': 'hash', 'people.born': 'null', 'people.code': 'hash', '*.name': 'keep' },
    });
    project.add('0002_people', [
      'CREATE DOMAIN short AS varchar(20);',
      `CREATE TABLE people (id serial PRIMARY KEY, name text, email text UNIQUE NOT NULL, born date, code uuid UNIQUE DEFAULT gen_random_uuid(),
        loud text GENERATED ALWAYS AS (upper(email)) STORED, phone short);`,
      'CREATE TABLE logins (email text REFERENCES people (email), at timestamptz DEFAULT now());',
    ]);
    await last(project, deploy('staging'));
    await using there = await staging.connect();
    await there.query(`INSERT INTO people (name, email, born, phone)
      SELECT E'tab\\t' || i, 'p' || i || '@example.com', '2000-01-01', '555' || i FROM generate_series(1, 300) AS i`);
    await there.query('INSERT INTO logins (email) SELECT email FROM people');
    project.add('0003_later', ['ALTER TABLE people ADD COLUMN later boolean;']);
    const resync = {
      kind: 'resync',
      environment: 'local',
      from: 'staging',
      databases: undefined,
      exclude: [],
      consent,
    } as const;
    // A rule on one side alone would tear them apart.
    expect(await last(project, resync)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('masks changes people.email and not logins.email'),
    });
    const masks = new Map([
      ['logins.email', 'hash'],
      ['people.phone', 'hash'],
    ] as const);
    expect(await last(project, { ...resync, masks })).toMatchObject({
      kind: 'done',
      message: 'local has what staging has: 4 tables, 2 masked, 1 migration on top.',
    });
    await using here = await local.connect();
    const { rows } =
      await here.query(`SELECT count(*)::int AS n, count(*) FILTER (WHERE email ~ '^masked_[0-9a-f]{20}@masked.invalid$')::int AS masked,
      count(born)::int AS born, count(DISTINCT code)::int AS codes, count(*) FILTER (WHERE loud = upper(email))::int AS loud,
      count(*) FILTER (WHERE phone ~ '^masked_[0-9a-f]{13}$')::int AS phones, count(*) FILTER (WHERE name ~ '^tab\\t')::int AS named FROM people`);
    expect(rows).toEqual([{ n: 300, masked: 300, born: 0, codes: 300, loud: 300, phones: 300, named: 300 }]);
    const { rows: joined } = await here.query(
      'SELECT count(*)::int AS n FROM logins JOIN people USING (email)',
    );
    expect(joined).toEqual([{ n: 300 }]);
    expect(await statusIn(project, 'local')).toMatchObject({ state: ['current'], applied: 4 });
  });

  test('gets the rows of single tables back, and all of it stays where they would be torn', async () => {
    await using local = await server.createDatabase();
    await using staging = await server.createDatabase();
    using project = projectOn(local, staging);
    await last(project, deploy('staging'));
    await using client = await staging.connect();
    await client.query(`CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
      CREATE TRIGGER shouting BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION shout()`);
    await last(project, { kind: 'backup', environment: 'staging', databases: undefined, tables: ['teams'] });
    await client.query(`UPDATE teams SET name = 'gone'`);
    const restore = {
      kind: 'restore',
      environment: 'staging',
      backup: 'b2',
      database: undefined,
      consent,
    } as const;
    expect(await last(project, { ...restore, tables: ['teams'] })).toMatchObject({ kind: 'done' });
    expect(await names(client)).toEqual(['one', 'two']);
    const { rows } = await client.query(`SELECT (SELECT count(*)::int FROM members) AS members,
      (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND convalidated) AS keys,
      (SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'shouting') AS fires`);
    expect(rows).toEqual([{ members: 2, keys: 1, fires: 'O' }]);
    await client.query(
      `INSERT INTO teams (id, name) VALUES (9, 'new'); INSERT INTO members (team_id) VALUES (9)`,
    );
    expect(await last(project, { ...restore, tables: ['teams'] })).toMatchObject({
      kind: 'failed',
      code: 'refused',
      message: expect.stringContaining('refer to nothing'),
    });
    expect(await names(client)).toEqual(['one', 'two', 'NEW']);
  });
});
