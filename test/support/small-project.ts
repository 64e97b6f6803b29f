import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A project in a folder of its own, with its own state folder; both go when it is disposed. */
export interface SmallProject extends Disposable {
  readonly root: string;
  /** For the processes that work on it. */
  readonly env: Readonly<Record<string, string>>;
  /** Adds keys at the top of the configuration. */
  configure(keys: Readonly<Record<string, unknown>>): void;
  /** Adds keys to one environment of the configuration. */
  configureEnvironment(environment: string, keys: Readonly<Record<string, unknown>>): void;
  /** Adds a migration at the end of the journal. */
  add(tag: string, statements: readonly string[]): void;
  /** Takes its file and its entry in the journal away, as another branch does that does not have it. */
  remove(tag: string): void;
}

/**
 * Three environments (local, staging, and production, which is protected) on libSQL files, Drizzle 0.x, one database.
 *
 * @param migrations `empty`: none yet, instead of two
 */
export function smallProject(
  migrations: 'two' | 'empty' = 'two',
  dialect: 'sqlite' | 'postgresql' = 'sqlite',
): SmallProject {
  const home = mkdtempSync(join(tmpdir(), 'migrate-tui-small-'));
  const root = join(home, 'project');
  mkdirSync(join(root, 'drizzle', 'meta'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "name": "small", "private": true }\n');
  let config: Config = firstConfig;
  const configure = (keys: Partial<Config>) => {
    config = { ...config, ...keys };
    writeFileSync(join(root, 'migrate-tui.config.json'), JSON.stringify(config));
  };
  configure({});
  let entries: readonly JournalEntry[] = [];
  const writeJournal = () =>
    writeFileSync(
      join(root, 'drizzle', 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect, entries }),
    );
  const project: SmallProject = {
    root,
    env: { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: join(home, 'cache') },
    configure,
    configureEnvironment: (environment, keys) => {
      const environments = config.environments;
      configure({
        environments: { ...environments, [environment]: { ...environments[environment], ...keys } },
      });
    },
    add: (tag, statements) => {
      const idx = (entries.at(-1)?.idx ?? -1) + 1;
      writeFileSync(join(root, 'drizzle', `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'));
      const when = 1_750_000_000_000 + idx * 1000;
      entries = [...entries, { idx, version: '6', when, tag, breakpoints: true }];
      writeJournal();
    },
    remove: (tag) => {
      rmSync(join(root, 'drizzle', `${tag}.sql`));
      entries = entries.filter((entry) => entry.tag !== tag);
      writeJournal();
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
  if (migrations === 'empty') return project;
  project.add('0000_teams', [
    'CREATE TABLE teams (id integer PRIMARY KEY, name text NOT NULL);',
    "INSERT INTO teams (name) VALUES ('red'), ('blue');",
  ]);
  project.add('0001_members', [
    'CREATE TABLE members (id integer PRIMARY KEY, team_id integer NOT NULL REFERENCES teams(id) ON DELETE CASCADE);',
    'INSERT INTO members (team_id) SELECT id FROM teams;',
  ]);
  return project;
}

interface Config {
  readonly environments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [key: string]: unknown;
}

const firstConfig: Config = {
  databases: { app: { migrations: 'drizzle' } },
  environments: {
    local: { targets: { app: 'file:local.db' } },
    staging: { targets: { app: 'file:staging.db' } },
    production: { protected: true, targets: { app: 'file:production.db' } },
  },
};

interface JournalEntry {
  readonly idx: number;
  readonly version: string;
  readonly when: number;
  readonly tag: string;
  readonly breakpoints: boolean;
}
