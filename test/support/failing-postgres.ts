import { failing, type Failing } from './failing.ts';
import type { PostgresServer } from './postgres.ts';
import type { Resident } from './resident.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** Staging is a database of its own on the server. */
export async function failingOnPostgres(cli: Resident, server: PostgresServer): Promise<Failing> {
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
