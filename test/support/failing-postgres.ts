import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { failing, type Failing } from './failing.ts';
import { postgresServer, type PostgresServer } from './postgres.ts';
import { startResident, type Resident } from './resident.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** For a whole file: one server, and on it a project with a staging of its own for each test. */
export function stagingOnPostgres(): () => Failing {
  let cli: Resident;
  let server: PostgresServer;
  let staging: Failing;
  beforeAll(async () => {
    cli = startResident();
    server = await postgresServer();
  });
  afterAll(async () => {
    await cli[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    staging = await failingOnPostgres(cli, server);
  });
  afterEach(() => staging[Symbol.asyncDispose]());
  return () => staging;
}

async function failingOnPostgres(cli: Resident, server: PostgresServer): Promise<Failing> {
  const database = await server.createDatabase();
  const there = await failing(cli, {
    project: postgresProject,
    configure: (project) => project.configure(environments),
    env: { STAGING_URL: database.url },
    by: async (_project, statements) => {
      await using client = await database.connect();
      for (const sql of statements) await client.query(sql);
    },
  });
  return {
    ...there,
    async [Symbol.asyncDispose]() {
      await there[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const environments = {
  databases: { app: { migrations: 'drizzle' } },
  environments: { staging: { targets: { app: 'env:STAGING_URL' } } },
};

function postgresProject(): SmallProject {
  const project = smallProject('empty', 'postgresql');
  project.add('0000_teams', [
    'CREATE TABLE "teams" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL);',
    `INSERT INTO "teams" ("name") VALUES ('red'), ('blue');`,
  ]);
  project.add('0001_members', [
    'CREATE TABLE "members" ("id" serial PRIMARY KEY NOT NULL, "team_id" integer NOT NULL);',
    'ALTER TABLE "members" ADD CONSTRAINT "members_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE cascade ON UPDATE no action;',
    'INSERT INTO "members" ("team_id") SELECT "id" FROM "teams";',
  ]);
  return project;
}
