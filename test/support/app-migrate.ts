import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface AppMigrate {
  /** The database. */
  readonly file: string;
  readonly folder: string;
  /** Which drizzle-orm the app has. */
  readonly line: 'drizzle-0' | 'drizzle-1';
}

/**
 * An app that migrates its database when it starts, in a process of its own.
 *
 * @param when `after-a-line`: it has read the history, says so, and writes when it is told to
 */
export function startAppMigrate(
  { file, folder, line }: AppMigrate,
  when: 'at-once' | 'after-a-line' = 'at-once',
): ChildProcessByStdio<Writable, Readable, null> {
  const script = `
    const { createClient } = require('@libsql/client');
    const { drizzle } = require('drizzle-orm/libsql');
    const { migrate } = require('drizzle-orm/libsql/migrator');
    (async () => {
      const client = createClient({ url: ${JSON.stringify(`file:${file}`)}, timeout: 500 });
      const run = client.migrate.bind(client);
      client.migrate = async (statements) => {
        if (${JSON.stringify(when)} === 'after-a-line') {
          console.log('read');
          await require('node:events').once(process.stdin, 'data');
        }
        return run(statements);
      };
      const database = ${line === 'drizzle-0' ? 'drizzle(client)' : 'drizzle({ client })'};
      await migrate(database, { migrationsFolder: ${JSON.stringify(folder)} });
    })().then(() => process.exit(0), () => process.exit(1));`;
  const home = join(import.meta.dirname, line === 'drizzle-0' ? '../..' : '../peers/drizzle-1');
  return spawn(process.execPath, ['-e', script], { cwd: home, stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function appMigrate(app: AppMigrate): Promise<'ok' | 'failed'> {
  const [exitCode] = await once(startAppMigrate(app), 'close');
  return exitCode === 0 ? 'ok' : 'failed';
}
