import { smallProject, type SmallProject } from './small-project.ts';
import type { PostgresDatabase, PostgresServer } from './postgres.ts';

export const environmentNames = ['local', 'staging', 'production'] as const;
export type EnvironmentName = (typeof environmentNames)[number];

/** What three environments have, each in a database of its own, which goes at the end of the scope. */
export interface SquashShop extends AsyncDisposable {
  readonly project: SmallProject;
  readonly databases: Readonly<Record<EnvironmentName, PostgresDatabase>>;
}

/** A project without migrations, whose environments are on the server, which is also named for what is tried out. */
export async function squashShop(server: PostgresServer): Promise<SquashShop> {
  const opened = new AsyncDisposableStack();
  const database = async () => opened.use(await server.createDatabase());
  const databases = { local: await database(), staging: await database(), production: await database() };
  const project = opened.use(projectOn(server, databases));
  return { project, databases, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function projectOn(server: PostgresServer, databases: SquashShop['databases']): SmallProject {
  const project = smallProject('empty', 'postgresql');
  const target = (name: string) => ({ postgres: `env:${name}_URL`, scratch: 'env:SCRATCH_URL' });
  project.configure({
    environments: {
      local: { targets: { app: target('LOCAL') } },
      staging: { targets: { app: target('STAGING') } },
      production: { protected: true, targets: { app: target('PRODUCTION') } },
    },
  });
  return {
    ...project,
    env: {
      ...project.env,
      SCRATCH_URL: server.url('postgres'),
      LOCAL_URL: databases.local.url,
      STAGING_URL: databases.staging.url,
      PRODUCTION_URL: databases.production.url,
    },
  };
}

/** Migrations with rows, a type that is used, code, and a constraint, by the name of each. */
export const squashedFiles: readonly (readonly [name: string, sql: string])[] = [
  [
    'teams',
    `CREATE TYPE mood AS ENUM ('sad');
--> statement-breakpoint
CREATE TABLE teams (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'sad');
--> statement-breakpoint
INSERT INTO teams (name) VALUES ('red'), ('it''s\nblue');`,
  ],
  [
    'members',
    `CREATE TABLE members (id serial PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);
--> statement-breakpoint
INSERT INTO members (team_id) SELECT id FROM teams ORDER BY id;`,
  ],
  [
    'rules',
    `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$;
--> statement-breakpoint
CREATE TRIGGER shouting BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION shout();
--> statement-breakpoint
CREATE VIEW loud AS SELECT name FROM teams WHERE mood = 'sad';
--> statement-breakpoint
ALTER TABLE members ADD CONSTRAINT one_each UNIQUE (team_id);`,
  ],
  ['green', "INSERT INTO teams (name) VALUES ('green');"],
];
