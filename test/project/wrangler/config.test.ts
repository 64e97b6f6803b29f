import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { stringify } from 'smol-toml';
import { afterAll, describe, expect, test } from 'vitest';
import { unstable_readConfig as readAsWrangler } from 'wrangler';
import { MigrateError } from '../../../src/lib/errors.ts';
import {
  readWranglerConfig,
  type WranglerBlock,
  type WranglerConfig,
} from '../../../src/project/wrangler/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'wrangler-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,7}$/);
const path = fc.constantFrom('drizzle', './drizzle/', '../shared/sql', String.raw`db\sql`, 'a/./b', '.');
const migrations = fc.oneof(
  fc.record({ migrations_dir: path }, { requiredKeys: [] }),
  path.map((directory) => ({
    migrations_dir: directory,
    migrations_pattern: `${directory}/*/migration.sql`,
  })),
);
const database = fc
  .tuple(
    fc.record(
      {
        database_name: word,
        database_id: fc.oneof(fc.uuid(), fc.constant('')),
        preview_database_id: fc.uuid(),
        migrations_table: fc.oneof(word, fc.constant('')),
        remote: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    migrations,
  )
  .map(([rest, where]) => ({ ...rest, ...where }));
const databases = fc
  .uniqueArray(fc.tuple(word, database), { maxLength: 3, selector: ([binding]) => binding })
  .map((all) => all.map(([binding, rest]) => ({ binding, ...rest })));
const block = fc.record({ name: word, account_id: word, d1_databases: databases }, { requiredKeys: [] });
const config = fc
  .tuple(block, fc.option(fc.dictionary(word, block, { maxKeys: 3 }), { nil: undefined }))
  .map(([top, env]) => ({ compatibility_date: '2026-01-01', ...top, ...(env === undefined ? {} : { env }) }));

describe('our reader of wrangler configurations', () => {
  test('reads what wrangler reads, from TOML and from JSON with comments', () => {
    fc.assert(
      fc.property(config, (written) => {
        const files = [
          write('wrangler.toml', stringify(written)),
          write('wrangler.jsonc', `// As a person writes it.\n${JSON.stringify(written, null, 2)}\n`),
        ];
        for (const file of files) {
          const read = readWranglerConfig(file);
          for (const env of [undefined, ...Object.keys(written.env ?? {})]) {
            expect(blockAt(read, env)).toEqual(asWranglerReads(file, env));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  const wrong = fc.constantFrom<unknown>(7, true, [], {});
  const broken = fc.oneof(
    fc.record({
      d1_databases: fc.oneof(
        wrong.filter((value) => !Array.isArray(value)),
        fc.constant([3]),
      ),
    }),
    fc
      .tuple(
        fc.constantFrom(
          'binding',
          'database_name',
          'database_id',
          'preview_database_id',
          'migrations_dir',
          'migrations_table',
          'migrations_pattern',
        ),
        wrong,
      )
      .map(([key, value]) => ({ d1_databases: [{ binding: 'DB', [key]: value }] })),
    fc.constant({ d1_databases: [{ database_name: 'a' }] }),
    fc.constant({ d1_databases: [{ binding: 'DB', remote: 'yes' }] }),
    fc.constant({ d1_databases: [{ binding: 'DB' }, { binding: 'DB', database_id: 'x' }] }),
  );

  test('refuses what wrangler refuses, and names the file', () => {
    fc.assert(
      fc.property(broken, fc.boolean(), (written, atTop) => {
        const file = write('wrangler.jsonc', JSON.stringify(atTop ? written : { env: { x: written } }));
        expect(() => asWranglerReads(file, atTop ? undefined : 'x')).toThrow();
        expect(refusal(file).message).toMatch(/^wrangler\.jsonc:1: /);
      }),
      { numRuns: 40 },
    );
  });
});

function blockAt({ top, environments }: WranglerConfig, env: string | undefined): WranglerBlock | undefined {
  return env === undefined ? top : environments.get(env);
}

/** wrangler's own types lead to a package that it does not install. */
type WranglersOwn = { readonly binding: string; readonly remote?: boolean } & {
  readonly [
    Key in `database_${'name' | 'id'}` | 'preview_database_id' | `migrations_${'dir' | 'table' | 'pattern'}`
  ]?: string;
};

/** What wrangler itself makes of the file, in our words. */
function asWranglerReads(file: string, env: string | undefined): WranglerBlock {
  const read = readAsWrangler(
    { config: file, ...(env === undefined ? {} : { env }) },
    { hideWarnings: true },
  );
  return {
    worker: read.name,
    account: read.account_id,
    databases: read.d1_databases.map((d1: WranglersOwn) => {
      const directory = (d1.migrations_dir ?? 'migrations').replaceAll('\\', '/');
      return {
        binding: d1.binding,
        name: d1.database_name,
        id: d1.database_id,
        previewId: d1.preview_database_id,
        remote: d1.remote ?? false,
        migrations: {
          directory: resolve(folder, directory),
          from: d1.migrations_dir === undefined ? 'default' : 'config',
          table: d1.migrations_table || 'd1_migrations',
          pattern: d1.migrations_pattern === undefined ? undefined : '*/migration.sql',
        },
      };
    }),
  };
}

function refusal(file: string): MigrateError {
  try {
    readWranglerConfig(file);
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error(`${file} was read.`);
}

describe('a mistake in a wrangler configuration is named with its line:', () => {
  test('TOML that is none, without quoting what stands around it', () => {
    const error = refusal(write('wrangler.toml', 'name = "w"\nKEY = "secret-of-mine\n'));
    expect(error).toMatchObject({ code: 'config', exitCode: 2 });
    expect(error.message).toMatch(/^wrangler\.toml:2:\d+ is not TOML: .+\.$/);
    expect(`${error.message} ${error.next}`).not.toContain('secret-of-mine');
  });

  test('JSON that is none', () => {
    const error = refusal(write('wrangler.jsonc', '{\n  // fine\n  "d1_databases": [}\n}'));
    expect(error.message).toBe('wrangler.jsonc:3:20 is not JSON: value expected.');
    expect(error.next).toBe(`Correct line 3 of ${join(folder, 'wrangler.jsonc')}.`);
  });

  test('a binding that two databases have', () => {
    const toml = '[[d1_databases]]\nbinding = "A"\n\n[[d1_databases]]\nbinding = "A"\n';
    expect(refusal(write('wrangler.toml', toml)).message).toBe(
      'wrangler.toml:4: d1_databases[1].binding is "A", which another database has already.',
    );
  });

  test('a name that becomes that of a database or an environment and cannot be pasted', () => {
    const named = (block: string, binding: string) =>
      refusal(write('wrangler.toml', `[[${block}d1_databases]]\nbinding = "${binding}"\n`));
    expect(named('', '').message).toBe('wrangler.toml:1: d1_databases[0].binding is missing.');
    expect(named('', 'a/b')).toMatchObject({
      message:
        'wrangler.toml:1: d1_databases[0].binding is the name "a/b", which a shell or a path would take apart.',
      next: expect.stringContaining('Rename it, with letters, digits, _ and - in '),
    });
    expect(named('env."production eu".', 'DB').message).toContain(
      'is the name "production eu", which a shell',
    );
  });

  test('a pattern without a folder, or outside of it', () => {
    const one = (keys: string) => `[[env.x.d1_databases]]\nbinding = "A"\n${keys}\n`;
    expect(refusal(write('wrangler.toml', one('migrations_pattern = "drizzle/*.sql"')))).toMatchObject({
      message:
        'wrangler.toml:1: env.x.d1_databases[0].migrations_pattern stands without migrations_dir, which wrangler refuses.',
      next: expect.stringContaining('Add migrations_dir beside it'),
    });
    const outside = one('migrations_dir = "./drizzle"\nmigrations_pattern = "sql/*.sql"');
    expect(refusal(write('wrangler.toml', outside)).message).toContain('does not begin with drizzle/');
  });

  test('JSON on the line of the value', () => {
    const json = '{\n "d1_databases": [\n  { "binding": "A",\n   "migrations_dir": 3 }\n ]\n}';
    expect(refusal(write('wrangler.json', json)).message).toBe(
      'wrangler.json:4: d1_databases[0].migrations_dir must be a text.',
    );
  });
});
