import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrateError } from '../../src/lib/errors.ts';
import type { Project } from '../../src/project/project.ts';
import { readProject, type ReadProjectOptions } from '../../src/project/read-project.ts';

/** A folder with a project in it, and a home of its own for the cache. */
export interface Place extends Disposable {
  readonly root: string;
  readonly home: string;
  write(files: Readonly<Record<string, string>>): void;
  remove(file: string): void;
  /** Every file below the project, so that a change can be seen. */
  listing(): readonly string[];
  read(
    options?: Partial<ReadProjectOptions> & { readonly variables?: Readonly<Record<string, string>> },
  ): Promise<Project>;
  /** The error that reading gives. */
  refusal(options?: Parameters<Place['read']>[0]): Promise<MigrateError>;
}

export function place(files: Readonly<Record<string, string>> = {}): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'project-')));
  const [root, home] = [join(folder, 'project'), join(folder, 'home')];
  mkdirSync(join(root, '.git'), { recursive: true });
  mkdirSync(home);
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(more)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
  };
  write(files);
  const read: Place['read'] = ({ variables, ...options } = {}) =>
    readProject({ cwd: root, env: { PATH: process.env['PATH'], HOME: home, ...variables }, ...options });
  return {
    root,
    home,
    write,
    remove: (file) => rmSync(join(root, file)),
    read,
    listing: () => readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted(),
    refusal: async (options) => {
      try {
        await read(options);
      } catch (error) {
        if (error instanceof MigrateError) return error;
        throw error;
      }
      throw new Error('The project was read.');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A copy of a project in `test/fixtures/projects`. */
export function fixture(name: string): Place {
  const made = place();
  cpSync(fileURLToPath(new URL(`../fixtures/projects/${name}`, import.meta.url)), made.root, {
    recursive: true,
  });
  return made;
}

/** `local: app → local.db`, one line a target. */
export function outline({ environments, root }: Project): readonly string[] {
  return environments.flatMap(({ name, targets }) =>
    targets.map(({ database, address }) => {
      switch (address.kind) {
        case 'libsql-file':
          return `${name}: ${database} → ${address.path.replace(`${root}/`, '')}`;
        case 'postgres':
          return `${name}: ${database} → ${address.url}`;
        case 'pglite':
          return `${name}: ${database} → PGlite ${address.folder ?? 'in memory'}`;
        case 'd1-local':
          return `${name}: ${database} → D1 ${address.id} in ${address.path.replace(`${root}/`, '')}`;
        case 'd1-remote':
          return `${name}: ${database} → D1 ${address.database} of ${address.account ?? 'the only account'}, ${address.credentials.kind}`;
        case 'libsql-memory':
          return `${name}: ${database} → memory`;
        case 'libsql-remote':
          return `${name}: ${database} → ${address.url}${address.authToken === undefined ? '' : ' with a token'}`;
        case 'unavailable':
          return `${name}: ${database} unavailable`;
      }
    }),
  );
}
