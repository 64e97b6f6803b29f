import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FormatName } from '../../src/migrations/migration.ts';
import { readFolder } from '../../src/migrations/read-folder.ts';
import type { ReadFolderOptions } from '../../src/migrations/read-folder.ts';
import { writeFiles } from '../support/drizzle-folders.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export interface FormatCase {
  readonly format: FormatName;
  /** Who runs the folder; Drizzle unless given. */
  readonly reading?: Pick<ReadFolderOptions, 'recordedBy' | 'pattern' | 'dialect'>;
  /** What the original tool takes a folder's files for, in its order. */
  readonly original: (directory: string) => readonly Readonly<Record<string, unknown>>[];
  /** Folders that the original tool wrote, and how many statements their files have. */
  readonly fixtures: readonly { readonly path: string; readonly statements: readonly number[] }[];
  /** Files of a folder with these migrations, in this order. */
  readonly make: (
    migrations: readonly { readonly tag: string; readonly sql: string }[],
  ) => Readonly<Record<string, string>>;
  /** A tag in this format. */
  readonly tag: (index: number, name: string) => string;
}

/** What holds for every folder format. */
export function formatContract({ format, reading = {}, original, fixtures, make, tag }: FormatCase): void {
  const tool = { drizzle: 'drizzle-orm', d1: 'wrangler', numbered: 'a runner of numbered files' }[
    reading.recordedBy ?? 'drizzle'
  ];
  const where = reading.dialect === 'postgres' ? ' on PostgreSQL' : '';
  describe(`a folder stored as ${format}, run by ${tool}${where}`, () => {
    for (const { path: fixture, statements: counts } of fixtures) {
      test(`as it was generated (${basename(fixture)}) reads as ${tool} reads it, with nothing to remark`, async () => {
        const { migrations, notes, format: found } = await readFolder({ directory: fixture, ...reading });
        expect(found).toBe(format);
        expect(migrations).toMatchObject(original(fixture));
        expect(migrations.map(({ statements }) => statements.length)).toEqual(counts);
        expect(notes.filter(({ message }) => !message.includes('no snapshot'))).toEqual([]);
      });
    }

    test(`with byte-order marks, CRLF and broken UTF-8 has the hashes of the text that ${tool} reads`, async () => {
      await using folder = await temporaryFolder();
      const sql = ['\uFEFFSELECT 1;', 'SELECT 1;\r\nSELECT 2;\r\n', 'SELECT 1;\r\nSELECT 2;\n', 'x'];
      const files = make(sql.map((text, index) => ({ tag: tag(index, 'odd'), sql: text })));
      await writeFiles(folder.path, files);
      const last = Object.keys(files).findLast((name) => name.endsWith('.sql')) ?? '';
      await writeFiles(folder.path, { [last]: Uint8Array.of(0x53, 0xff, 0xfe, 0x41) });
      const { migrations, notes } = await readFolder({ directory: folder.path, ...reading });
      expect(migrations).toMatchObject(original(folder.path));
      expect(migrations[0]?.statements).toMatchObject([{ sql: 'SELECT 1', line: 1 }]);
      const said = notes.map(({ message }) => message).join('\n');
      expect(said).toContain('byte-order mark');
      expect(said).toContain('mixes line ends');
      expect(said).toContain('not valid UTF-8');
    });

    test('that is empty has no migrations', async () => {
      await using folder = await temporaryFolder();
      await mkdir(folder.file('drizzle'));
      expect(await readFolder({ directory: folder.file('drizzle'), format, ...reading })).toMatchObject({
        migrations: [],
        notes: [],
      });
    });

    test('with 2,000 migrations is read whole and in order', async () => {
      await using folder = await temporaryFolder();
      const all = Array.from({ length: 2000 }, (_, index) => ({
        tag: tag(index, 'many'),
        sql: `CREATE TABLE t${index} (x int);`,
      }));
      await writeFiles(folder.path, make(all));
      const { migrations } = await readFolder({ directory: folder.path, ...reading });
      expect(migrations.map((each) => each.tag)).toEqual(all.map((each) => each.tag));
      expect(migrations.at(-1)?.statements).toMatchObject([{ sql: 'CREATE TABLE t1999 (x int)' }]);
    });

    test('shared by databases is divided by patterns, the rest going to the one without', async () => {
      await using folder = await temporaryFolder();
      const names = ['users', 'api_keys', 'rooms', 'orders'];
      await writeFiles(
        folder.path,
        make(names.map((name, index) => ({ tag: tag(index, name), sql: 'SELECT 1' }))),
      );
      const only = ['*api_keys*', '*_{rooms,seats}.sql', '*never*'];
      const auth = await readFolder({ directory: folder.path, only, ...reading });
      const app = await readFolder({ directory: folder.path, except: only, ...reading });
      expect(auth.migrations.map((each) => each.tag)).toEqual([tag(1, 'api_keys'), tag(2, 'rooms')]);
      expect(app.migrations.map((each) => each.tag)).toEqual([tag(0, 'users'), tag(3, 'orders')]);
      expect(auth.notes.map(({ message }) => message)).toContain(
        'has no migration that fits the pattern *never*',
      );
    });

    test('has companions in <folder>.extra that are no migrations', async () => {
      await using folder = await temporaryFolder();
      const first = tag(0, 'first');
      await writeFiles(folder.file('drizzle'), make([{ tag: first, sql: 'SELECT 1' }]));
      await writeFiles(folder.file('drizzle.extra'), {
        [`${first}.verify.sql`]: '-- none\nSELECT 2;',
        [`${first}.down.sql`]: 'SELECT 3;',
        [`${tag(7, 'gone')}.rollback.sql`]: 'SELECT 4;',
      });
      const { migrations, notes } = await readFolder({ directory: folder.file('drizzle'), ...reading });
      expect(migrations).toHaveLength(1);
      expect(migrations[0]?.verify?.statements).toMatchObject([{ sql: 'SELECT 2', line: 2 }]);
      expect(migrations[0]?.rollback).toMatchObject({
        file: join(folder.path, 'drizzle.extra', `${first}.down.sql`),
      });
      expect(notes.map(({ message }) => message)).toContain(
        `belongs to no migration: there is none named ${tag(7, 'gone')}`,
      );
    });
  });
}
