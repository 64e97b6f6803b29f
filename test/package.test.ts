import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresServer } from './support/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/migrate-tui.js');

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  const installed = join(folder, 'node_modules/migrate-tui');
  const program = join(installed, 'bin/migrate-tui.js');
  beforeAll(() => install(folder, installed));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('runs in a folder without development dependencies', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(
      execFileSync(process.execPath, [join(installed, 'bin/migrate-tui.js'), '--version'], {
        encoding: 'utf8',
      }),
    ).toBe(`${version}\n`);
  });

  test('gives a configuration its types and its functions', () => {
    const file = join(folder, 'check.mjs');
    writeFileSync(
      file,
      "import { defineConfig, env } from 'migrate-tui'; console.log(defineConfig({ ledger: env('A') }).ledger);",
    );
    expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toBe('env:A\n');
    writeFileSync(
      join(folder, 'migrate-tui.config.ts'),
      "import { defineConfig, env } from 'migrate-tui';\nexport default defineConfig({ environments: { local: { targets: { app: env('A') } } } });\n",
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false, types: [] },
        files: ['migrate-tui.config.ts'],
      }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const checked = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(checked.stdout).toBe('');
    expect(checked.status).toBe(0);
  });

  test('evaluates a configuration and answers status', () => {
    writeFileSync(join(folder, 'package.json'), '{}');
    mkdirSync(join(folder, 'drizzle/meta'), { recursive: true });
    writeFileSync(
      join(folder, 'drizzle/meta/_journal.json'),
      '{"version":"7","dialect":"sqlite","entries":[]}',
    );
    writeFileSync(
      join(folder, 'migrate-tui.config.ts'),
      "import { defineConfig } from 'migrate-tui';\nexport default defineConfig({ databases: { app: { migrations: 'drizzle' } }, environments: { local: { targets: { app: 'file:none.db' } } } });\n",
    );
    const asked = spawnSync(process.execPath, [join(installed, 'bin/migrate-tui.js'), 'status', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    expect(asked.stderr).toBe('');
    expect(JSON.parse(asked.stdout)).toMatchObject({ kind: 'status', environments: [{ name: 'local' }] });
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
  });

  test('shows a project on PostgreSQL, without PGlite', async () => {
    const { cwd, env } = projectIn(folder, {
      name: 'on-postgres',
      dialect: 'postgresql',
      target: 'env:APP_URL',
    });
    await using server = await postgresServer();
    await using database = await server.createDatabase();
    const found = { ...env, APP_URL: database.url };
    const deployed = spawnSync(process.execPath, [program, 'apply', 'local', '--yes', '--json'], {
      cwd,
      encoding: 'utf8',
      env: found,
    });
    expect(deployed.stderr).toBe('');
    const asked = spawnSync(process.execPath, [program, 'status', '--json'], {
      cwd,
      encoding: 'utf8',
      env: found,
    });
    expect(JSON.parse(asked.stdout)).toMatchObject({
      kind: 'status',
      environments: [{ name: 'local', targets: [{ state: ['current'], applied: 1 }] }],
    });
    const run = (...args: readonly string[]) => {
      const { status, stdout } = spawnSync(process.execPath, [program, ...args, '--json'], {
        cwd,
        encoding: 'utf8',
        env: found,
      });
      return { status, said: JSON.parse(stdout) };
    };
    expect(run('verify', 'local')).toMatchObject({
      status: 0,
      said: { checks: expect.arrayContaining([{ database: 'app', check: 'schema', ...notPossible }]) },
    });
    expect(run('drift', 'local')).toMatchObject({
      status: 2,
      said: { message: expect.stringContaining('PGlite'), next: expect.stringContaining('npm i -D') },
    });
    expect(run('drift', '--all').said).toMatchObject({
      environments: [{ targets: [{ state: 'not-replayed' }] }],
    });
  });

  test('works on a project with PGlite from another folder, with the PGlite of the project', () => {
    const { cwd, env } = projectIn(folder, {
      name: 'on-pglite',
      dialect: 'postgresql',
      target: 'pglite:./data',
    });
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [program, ...args, '--project', cwd, '--json'], {
        cwd: tmpdir(),
        encoding: 'utf8',
        env,
      });
    const asked = () => JSON.parse(run('doctor').stdout).checks;
    expect(asked()).toContainEqual(
      expect.objectContaining({
        check: 'PGlite',
        state: 'problem',
        next: expect.stringContaining('npm i -D'),
      }),
    );
    mkdirSync(join(cwd, 'node_modules/@electric-sql'), { recursive: true });
    const own = join(cwd, 'node_modules/@electric-sql/pglite');
    symlinkSync(join(root, 'node_modules/@electric-sql/pglite'), own);
    expect(asked()).toContainEqual(expect.objectContaining({ check: 'PGlite', state: 'ok' }));
    expect(run('dry-run', 'local')).toMatchObject({ status: 0 });
  }, 60_000);

  test('loads what speaks with PostgreSQL only for a project that has some', () => {
    const loaded = (dialect: string, target: string) => {
      const { cwd, env } = projectIn(folder, { name: `loads-${dialect}`, dialect, target });
      const said = spawnSync(
        process.execPath,
        ['--import', hook, program, 'apply', 'local', '--yes', '--json'],
        { cwd, encoding: 'utf8', env },
      );
      const files = said.stderr.split('\n').filter((line) => line.startsWith(installed));
      expect(files).not.toEqual([]);
      return {
        client: files.some((file) => readFileSync(file, 'utf8').includes('node_modules/pg/lib/client.js')),
        parser: said.stderr.includes('/libpg-query/'),
      };
    };
    expect(loaded('sqlite', 'file:app.db')).toEqual({ client: false, parser: false });
    expect(loaded('postgresql', 'postgres://nobody@127.0.0.1:1/app').client).toBe(true);
  });

  test('brings the licence of every package that is bundled in it', () => {
    const dist = join(installed, 'dist');
    const bundles = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.js'),
    );
    const named = bundles.flatMap((file) => [
      ...readFileSync(join(dist, file), 'utf8').matchAll(/^\/\/ node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm),
    ]);
    const packages = new Set([...named.map(([, name = '']) => name), 'ink', 'react']);
    const notices = readFileSync(join(dist, 'third-party-notices.txt'), 'utf8');
    expect(packages).toContain('pg');
    for (const name of packages) {
      expect(notices.split('-'.repeat(80)).filter((one) => one.startsWith(`\n\n${name} `))).not.toEqual([]);
    }
  });

  test('brings what its documents link to', () => {
    const pages = globSync(['*.md', 'bench/*.md', 'docs/**/*.md', 'meta/*.md'], { cwd: installed });
    const links = pages.flatMap((page) => linksOf(installed, page));
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ to }) => !existsSync(join(installed, to)))).toEqual([]);
  });

  test('brings the schemas and the migrations of its ledger, and no source but the practice project', () => {
    expect(existsSync(join(installed, 'meta/config.schema.json'))).toBe(true);
    expect(existsSync(join(installed, 'migrations'))).toBe(true);
    expect(existsSync(join(installed, 'test'))).toBe(false);
    const source = join(installed, 'src');
    expect(existsSync(source) ? readdirSync(source) : []).toEqual(['demo']);
  });
});

describe('an older Node', () => {
  const sentence =
    /^migrate-tui needs Node [\d.]+ or newer; this is Node (\d+)\.[\d.]+\. Nothing was changed\.\n/;

  test.for(['0.12.18', '18.20.0', '20.20.2', '22.0.0'])(
    '%s gets a sentence and status 2, before anything is loaded',
    (version) => {
      const disguise = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', disguise, bin, 'status'], {
        encoding: 'utf8',
      });
      expect(stderr).toMatch(sentence);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    },
  );
});

const notPossible = { state: 'not-possible', says: expect.stringContaining('PGlite') };

/** A project with one migration, in a folder of its own inside the one with the package. */
function projectIn(
  folder: string,
  { name, dialect, target }: Readonly<Record<'name' | 'dialect' | 'target', string>>,
) {
  const cwd = join(folder, name);
  mkdirSync(join(cwd, 'drizzle/meta'), { recursive: true });
  writeFileSync(join(cwd, 'package.json'), '{}');
  const entry = { idx: 0, version: '7', when: 1_750_000_000_000, tag: '0000_first', breakpoints: true };
  const journal = { version: '7', dialect, entries: [entry] };
  writeFileSync(join(cwd, 'drizzle/meta/_journal.json'), JSON.stringify(journal));
  writeFileSync(join(cwd, 'drizzle/0000_first.sql'), 'CREATE TABLE first (id integer PRIMARY KEY);');
  const environments = { local: { targets: { app: target } } };
  const config = { databases: { app: { migrations: 'drizzle' } }, environments };
  writeFileSync(join(cwd, 'migrate-tui.config.json'), JSON.stringify(config));
  const own = { HOME: cwd, XDG_CACHE_HOME: join(cwd, 'cache'), XDG_STATE_HOME: join(cwd, 'state') };
  return { cwd, env: { ...process.env, ...own } };
}

/** What a page links to inside the package, as paths from its root. */
function linksOf(folder: string, page: string): readonly { readonly page: string; readonly to: string }[] {
  const prose = readFileSync(join(folder, page), 'utf8')
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
  const links = prose.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g);
  return Array.from(links, ([, path = '']) => ({ page, to: join(dirname(page), path) }));
}

/** Makes a process say which files it loads. */
const hook = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  import { fileURLToPath } from 'node:url';
  registerHooks({ load(url, context, next) {
    if (url.startsWith('file:')) writeSync(2, fileURLToPath(url) + '\\n');
    return next(url, context);
  } });`)}`;

/** What `npm install --omit=dev` of the tarball gives, without a registry: its files, and the dependencies that ship. */
function install(folder: string, installed: string): void {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root });
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
  for (const path of shipped()) {
    const to = join(folder, path);
    if (existsSync(to) || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(join(root, path), to);
  }
}

function shipped(): readonly string[] {
  const lock: {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages).flatMap(([path, { dev, devOptional, link }]) =>
    /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional && !link ? [path] : [],
  );
}

interface LockedPackage {
  readonly dev?: boolean;
  /** A devDependency that something in the package would take as well, such as PGlite. */
  readonly devOptional?: boolean;
  readonly link?: boolean;
}
