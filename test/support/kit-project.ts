import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { DrizzleLine } from '../../src/migrations/migration.ts';
import { openSession, type Session } from '../../src/session.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/**
 * A project with its schema in code, a file (of PostgreSQL: a folder of PGlite) as its local database, and a real
 * drizzle-kit of either line.
 */
export async function kitProject(line: DrizzleLine, dialect: Dialect = 'sqlite'): Promise<KitProject> {
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
    columns: (...names) => writeFile(folder.file('schema.ts'), schemaOf(names, dialect)),
    session: () =>
      openSession({ cwd: folder.path, config: undefined, project: undefined, env, showValues: 'hide' }),
  };
  await project.write('package.json', '{ "name": "shop", "private": true }');
  await project.write(
    'drizzle.config.ts',
    `export default { ${databaseOf[dialect]}, schema: './schema.ts', out: './drizzle' };`,
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

type Dialect = 'sqlite' | 'postgresql';

const databaseOf: Readonly<Record<Dialect, string>> = {
  sqlite: "dialect: 'sqlite', dbCredentials: { url: 'file:app.db' }",
  postgresql: "dialect: 'postgresql', driver: 'pglite', dbCredentials: { url: './data' }",
};

const madeIn: Readonly<
  Record<Dialect, { readonly table: string; readonly id: string; readonly from: string }>
> = {
  sqlite: { table: 'sqliteTable', id: "integer('id').primaryKey()", from: 'sqlite-core' },
  postgresql: {
    table: 'pgTable',
    id: "integer('id').primaryKey().generatedAlwaysAsIdentity()",
    from: 'pg-core',
  },
};

function schemaOf(names: readonly string[], dialect: Dialect): string {
  const { table, id, from } = madeIn[dialect];
  const columns = names.map((name) => {
    const bare = name.replace('!', '');
    return `${bare}: text('${bare}')${bare === name ? '' : ".notNull().default('')"}`;
  });
  return [
    `import { integer, ${table}, text } from 'drizzle-orm/${from}';`,
    `export const posts = ${table}('posts', { id: ${id}, ${columns.join(', ')} });`,
    '',
  ].join('\n');
}
