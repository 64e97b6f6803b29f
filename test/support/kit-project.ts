import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { openSession, type Session } from '../../src/session.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** A project with its schema in code, a file as its local database, and a real drizzle-kit of either line. */
export async function kitProject(line: DrizzleLine): Promise<KitProject> {
  const folder = await temporaryFolder();
  await symlink(
    join(packageRoot(), line === 'drizzle-0' ? 'node_modules' : 'test/peers/drizzle-1/node_modules'),
    folder.file('node_modules'),
  );
  const env = { ...process.env, XDG_STATE_HOME: folder.file('state') };
  const project: KitProject = {
    ...folder,
    env,
    write: (name, text) => writeFile(folder.file(name), text),
    columns: (...names) => writeFile(folder.file('schema.ts'), schemaOf(names)),
    session: () =>
      openSession({ cwd: folder.path, config: undefined, project: undefined, env, showValues: 'hide' }),
  };
  await project.write('package.json', '{ "name": "shop", "private": true }');
  await project.write(
    'drizzle.config.ts',
    "export default { dialect: 'sqlite', schema: './schema.ts', out: './drizzle', dbCredentials: { url: 'file:app.db' } };",
  );
  await project.columns('title');
  return project;
}

export interface KitProject extends TemporaryFolder {
  readonly env: Readonly<Record<string, string | undefined>>;
  write(name: string, text: string): Promise<void>;
  /** Makes the schema one table `posts` with these text columns; one with `!` takes no NULL. */
  columns(...names: readonly string[]): Promise<void>;
  session(): Promise<Session>;
}

function schemaOf(names: readonly string[]): string {
  const columns = names.map((name) => {
    const bare = name.replace('!', '');
    return `${bare}: text('${bare}')${bare === name ? '' : ".notNull().default('')"}`;
  });
  return [
    "import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';",
    `export const posts = sqliteTable('posts', { id: integer('id').primaryKey(), ${columns.join(', ')} });`,
    '',
  ].join('\n');
}
