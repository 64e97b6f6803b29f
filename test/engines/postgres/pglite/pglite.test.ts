import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openEngine } from '../../../../src/engines/open.ts';
import type { Engine } from '../../../../src/engines/engine.ts';
import { keptPristine } from '../../../../src/engines/postgres/pglite/pristine.ts';
import { MigrateError } from '../../../../src/lib/errors.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts';

/** To make one takes seconds, so that the others are copies of it. */
let made: TemporaryFolder;
beforeAll(async () => {
  made = await temporaryFolder();
  await mkdir(made.file('cache'));
  vi.stubEnv('XDG_CACHE_HOME', made.file('cache'));
  const address = { kind: 'pglite', folder: made.file('below/data') } as const;
  expect(await openEngine(address, { purpose: 'question' })).toEqual({ kind: 'missing' });
  expect(await openEngine(address, { purpose: 'change' })).toEqual({ kind: 'missing' });
  expect(existsSync(made.file('below'))).toBe(false);
  await using engine = await opened(address, { purpose: 'change', ifMissing: 'create' });
  expect(await committed(engine, 'CREATE TABLE a (x int)')).toBe('committed');
  expect(engine.location).toBe(address.folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await made[Symbol.asyncDispose]();
});

test('a new PGlite starts from what the first one kept, and not from what is damaged', async () => {
  const kept = await readdir(made.file('cache/migrate-tui'));
  expect(kept).toEqual([expect.stringMatching(/^pglite-[\w.]+-[0-9a-f]{16}\.tar\.gz$/)]);
  {
    await using engine = await opened({ kind: 'pglite', folder: undefined }, { purpose: 'change' });
    const tables = "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'";
    expect(await engine.query({ sql: tables })).toEqual([{ n: 0 }]);
  }
  expect(await readdir(made.file('cache/migrate-tui'))).toEqual(kept);
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  expect(await keptPristine(main)).toBeInstanceOf(Blob);
  await truncate(made.file(`cache/migrate-tui/${kept[0]}`), 1000);
  expect(await keptPristine(main)).toBeUndefined();
  expect(await readdir(made.file('cache/migrate-tui'))).toEqual([]);
});

describe('a PGlite folder', () => {
  test('is made for a change and kept for the next one, and a question about it leaves it as it is', async () => {
    await using place = await copied();
    const address = { kind: 'pglite', folder: place.file('data') } as const;
    const before = await readdir(address.folder, { recursive: true });
    {
      await using engine = await opened(address, { purpose: 'question', scratch: place.file('scratch') });
      expect(await engine.query({ sql: 'SELECT count(*)::int AS n FROM a' })).toEqual([{ n: 0 }]);
      await expect(engine.query({ sql: 'INSERT INTO a VALUES (1)' })).rejects.toMatchObject({
        code: 'refused',
      });
      await expect(
        engine.query({ sql: 'WITH b AS (INSERT INTO a VALUES (1) RETURNING x) SELECT x FROM b' }),
      ).rejects.toMatchObject({ code: '25006' });
      expect(await readdir(place.file('scratch'))).toHaveLength(1);
    }
    expect(await readdir(place.file('scratch'))).toEqual([]);
    expect(await readdir(address.folder, { recursive: true })).toEqual(before);
    expect(await readdir(place.path)).toEqual(['data', 'scratch']);
  });

  test('that another program has open is left alone by a change, and read by a question', async () => {
    await using place = await copied();
    const address = { kind: 'pglite', folder: place.file('data') } as const;
    const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite');
    const program = spawn(process.execPath, [
      '-e',
      `const { PGlite } = require(${JSON.stringify(pglite)});
       PGlite.create({ dataDir: ${JSON.stringify(address.folder)} }).then(async (db) => {
         await db.exec('INSERT INTO a VALUES (1)');
         console.log('open');
         setInterval(() => {}, 1000);
       });`,
    ]);
    await once(program.stdout, 'data');
    await expect(opened(address, { purpose: 'change' })).rejects.toMatchObject({
      code: 'busy',
      message: `${address.folder} is open in another program (process ${program.pid})`,
    });
    {
      await using engine = await opened(address, { purpose: 'question', scratch: place.file('scratch') });
      expect(await engine.query({ sql: 'SELECT x FROM a' })).toEqual([{ x: 1 }]);
    }
    program.kill('SIGKILL');
    await once(program, 'exit');
    await using engine = await opened(address, { purpose: 'change' });
    expect(await engine.query({ sql: 'SELECT x FROM a' })).toEqual([{ x: 1 }]);
    await expect(opened(address, { purpose: 'change' })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining(`is open in another run (process ${process.pid} on `),
    });
  });

  test('that was locked by a run that died is taken over', async () => {
    await using place = await copied();
    const address = { kind: 'pglite', folder: place.file('data') } as const;
    const gone = spawn('true');
    await once(gone, 'exit');
    await writeFile(place.file('data.migrate-tui-lock'), JSON.stringify({ pid: gone.pid, host: hostname() }));
    await using engine = await opened(address, { purpose: 'change' });
    expect(await committed(engine, 'INSERT INTO a VALUES (1)')).toBe('committed');
  });

  test('that is something else is refused before anything is put there', async () => {
    await using place = await temporaryFolder();
    await mkdir(place.file('other'));
    await writeFile(place.file('other/notes.txt'), 'mine');
    await writeFile(place.file('file'), '');
    for (const name of ['other', 'file']) {
      const address = { kind: 'pglite', folder: place.file(name) } as const;
      const failed = opened(address, { purpose: 'change', ifMissing: 'create' });
      await expect(failed).rejects.toThrow(MigrateError);
      await expect(failed).rejects.toMatchObject({ code: 'unreachable' });
    }
    expect(await readdir(place.path)).toEqual(['file', 'other']);
  });
});

async function copied(): Promise<TemporaryFolder> {
  const place = await temporaryFolder();
  await cp(made.file('below/data'), place.file('data'), { recursive: true });
  return place;
}

async function opened(...asked: Parameters<typeof openEngine>): Promise<Engine> {
  const answer = await openEngine(...asked);
  if (answer.kind === 'missing') throw new Error('The folder is missing.');
  return answer.engine;
}

async function committed(engine: Engine, sql: string): Promise<string> {
  const outcome = await engine.unit({
    foreignKeys: 'on',
    statements: [{ sql, role: 'migration', number: 1 }],
  });
  return outcome.kind;
}
