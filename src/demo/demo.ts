import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rename } from '../lib/patient-fs.ts';
import { drizzleBookkeeping } from '../bookkeeping/drizzle.ts';
import { MigrateError } from '../lib/errors.ts';
import { packageRoot } from '../lib/package-root.ts';
import { readFolder } from '../migrations/read-folder.ts';
import { makeDatabase } from './database.ts';
import { demoEnvironments } from './environments.ts';
import { remakeFolder } from './folder.ts';
import { noticeDrift } from './notice-drift.ts';
import { appRows, authRows } from './rows.ts';

export interface DemoOptions {
  readonly directory: string;
  /** Looked at between two environments; an earlier demo stays as it was. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly what: string;
  }) => void;
}

export interface Demo {
  /** Absolute path. */
  readonly directory: string;
  /** In promotion order, with what is the matter with each. */
  readonly environments: readonly { readonly name: string; readonly says: string }[];
}

/**
 * Makes the practice project "ledgerly" in a folder: real migrations run on libSQL files with the same rows
 * every time. An earlier demo there is replaced.
 *
 * @throws MigrateError `refused` when the folder holds something else, `storage` when it cannot be written,
 * `interrupted` when the signal came
 */
export async function makeDemo({ directory, signal, onProgress }: DemoOptions): Promise<Demo> {
  const target = resolve(directory);
  await remakeFolder(target, async (folder) => {
    await cp(join(packageRoot(), 'src/demo/project'), folder, { recursive: true });
    // npm leaves a file of this name out of packages, so it travels without its dot.
    await rename(join(folder, 'gitignore'), join(folder, '.gitignore'));
    await makeDatabases(folder, { signal, onProgress });
  });
  await noticeDrift(target, 'local', signal);
  return { directory: target, environments: demoEnvironments.map(({ name, says }) => ({ name, says })) };
}

async function makeDatabases(
  folder: string,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal | undefined; readonly onProgress: DemoOptions['onProgress'] },
): Promise<void> {
  const bookkeeping = drizzleBookkeeping({ format: 'drizzle-0', table: '__drizzle_migrations' });
  const app = await readFolder({ directory: join(folder, 'drizzle') });
  const auth = await readFolder({ directory: join(folder, 'drizzle-auth') });
  const total = demoEnvironments.length;
  for (const [done, story] of demoEnvironments.entries()) {
    if (signal?.aborted) throw new MigrateError('interrupted', 'The demo was stopped before it was made.');
    onProgress?.({ done, total, what: story.name });
    const without = story.skipped ? ['team_rooms'] : [];
    await makeDatabase({
      path: join(folder, `${story.name}.db`),
      migrations: app.migrations,
      bookkeeping,
      story,
      rows: { after: '0013_user_api_keys', statements: appRows(story.scale, { without }) },
    });
    await makeDatabase({
      path: join(folder, `${story.name}-auth.db`),
      migrations: auth.migrations,
      bookkeeping,
      story: undefined,
      rows: { after: '0002_account_lock', statements: authRows(story.scale) },
    });
  }
  onProgress?.({ done: total, total, what: 'done' });
}
