import { createClient } from '@libsql/client';
import { temporaryFolder } from './temporary-folder.ts';
import { startHranaServer, type HranaServer } from './hrana-server.ts';
import { startResident, type Resident } from './resident.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** A project whose staging database is on a server, with two of its four migrations applied, and a backup of that. */
export interface RemoteProject extends AsyncDisposable {
  readonly server: HranaServer;
  readonly project: SmallProject;
  readonly cli: Resident;
  /** What the server holds after two, three and four migrations. */
  readonly boundaries: readonly string[];
  /** The server's file with two migrations applied, and with all and rows that the backup does not have. */
  readonly behind: string;
  readonly current: string;
  /** Its rows, for comparing. */
  readonly currentContent: string;
  readonly backup: string;
  /** A backup of all four, before the rows that it does not have. */
  readonly wholeBackup: string;
}

export async function remoteProject(): Promise<RemoteProject> {
  const folder = await temporaryFolder();
  const file = folder.file('served.db');
  await inFile(file, ['PRAGMA journal_mode = WAL']);
  const server = await startHranaServer({ file });
  const project = smallProject();
  addPending(project);
  project.configure({ environments: { staging: { targets: { app: server.url } } } });
  const cli = startResident();
  const at = { cwd: project.root, env: project.env };
  const insist = async (...argv: readonly string[]) => {
    const { exitCode, last, stdout } = await cli.run([...argv, '--json'], at);
    if (exitCode !== 0) throw new Error(stdout);
    return last;
  };
  await insist('apply', 'staging', '--yes', '--to', '0001_members');
  const backup = String((await insist('backup', 'staging'))?.['backup']);
  const boundaries = [await contentOf(file)];
  const behind = await keep(file, folder.file('behind.db'));
  for (const tag of ['0002_rebuild_teams', '0003_notes']) {
    await insist('apply', 'staging', '--yes', '--to', tag);
    boundaries.push(await contentOf(file));
  }
  const wholeBackup = String((await insist('backup', 'staging'))?.['backup']);
  await inFile(file, [
    "INSERT INTO teams (id, name, country) VALUES (3, 'green', 'NL')",
    'INSERT INTO members (team_id) VALUES (3)',
    'DELETE FROM members WHERE id = 1',
  ]);
  const current = await keep(file, folder.file('current.db'));
  return {
    server,
    project,
    cli,
    boundaries,
    behind,
    current,
    currentContent: await contentOf(file),
    backup,
    wholeBackup,
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      project[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function addPending(project: SmallProject): void {
  project.add('0002_rebuild_teams', [
    'PRAGMA foreign_keys=OFF;',
    'CREATE TABLE `__new_teams` (id integer PRIMARY KEY, name text NOT NULL, country text);',
    'INSERT INTO `__new_teams` (id, name) SELECT id, name FROM teams;',
    'DROP TABLE teams;',
    'ALTER TABLE `__new_teams` RENAME TO teams;',
    'PRAGMA foreign_keys=ON;',
  ]);
  project.add('0003_notes', [
    'CREATE TABLE notes (id integer PRIMARY KEY AUTOINCREMENT, body text);',
    "INSERT INTO notes (body) SELECT 'of ' || name FROM teams;",
    "UPDATE teams SET country = 'NL' WHERE id = 1;",
  ]);
}

async function keep(file: string, to: string): Promise<string> {
  await inFile(file, [`VACUUM INTO '${to}'`]);
  await inFile(to, ['PRAGMA journal_mode = WAL']);
  return to;
}

export async function inFile(file: string, statements: readonly string[]): Promise<void> {
  const client = createClient({ url: `file:${file}` });
  for (const sql of statements) await client.execute(sql);
  client.close();
}

/** Every object and every row but the lease, as text that can be compared. */
export async function contentOf(file: string): Promise<string> {
  const client = createClient({ url: `file:${file}`, intMode: 'bigint' });
  const { rows } = await client.execute(
    "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '\\_\\_migrate\\_tui%' ESCAPE '\\' AND name <> 'sqlite_sequence' ORDER BY type, name",
  );
  const content: unknown[] = rows.map((row) => Object.values(row));
  for (const { type, name } of rows) {
    if (type !== 'table' || typeof name !== 'string') continue;
    const found = await client.execute(`SELECT * FROM "${name}"`);
    content.push([name, found.rows.map((row) => Object.values(row))]);
  }
  client.close();
  return JSON.stringify(content, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof ArrayBuffer ? Buffer.from(value).toString('hex') : value;
  });
}

/** The lock as the server's file has it; undefined when it is free. */
export async function leaseIn(file: string): Promise<{ readonly secondsLeft: number } | undefined> {
  const client = createClient({ url: `file:${file}` });
  const { rows } = await client
    .execute(
      "SELECT (expires_at - (julianday('now') - 2440587.5) * 86400000) / 1000 AS left FROM __migrate_tui_lease WHERE run IS NOT NULL",
    )
    .finally(() => client.close());
  const [row] = rows;
  return row && { secondsLeft: Number(row['left']) };
}

/** A minute later. */
export async function expireLease(file: string): Promise<void> {
  await inFile(file, ['UPDATE __migrate_tui_lease SET expires_at = 0']);
}
