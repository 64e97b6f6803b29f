import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import type { D1Server } from '../support/d1-server.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';
import { localFile } from '../support/wrangler.ts';
import type { EngineName, Held, Stand } from './stand.ts';

/** @param d1 the stand-in of Cloudflare's API, with databases that are empty; shared, because it is heavy */
export async function openStand(
  engine: EngineName,
  d1: { readonly server: D1Server; readonly empty: string } | undefined,
): Promise<Stand> {
  switch (engine) {
    case 'libSQL file':
    case 'libSQL file, numbered':
      return fileStand(engine);
    case 'libSQL server':
    case 'libSQL server, numbered':
      return serverStand(engine);
    case 'D1 local':
      return localStand();
    case 'D1 remote':
      if (!d1) throw new Error('D1 remote needs its server.');
      return remoteStand(d1);
  }
}

function fileStand(engine: EngineName): Stand {
  const project = recordedBy(engine);
  const file = join(project.root, 'staging.db');
  return {
    engine,
    project,
    target: { kind: 'libsql', url: `file:${file}` },
    rows: inFile(file),
    hold: () => holdFile(file),
    keep: keeper(file),
    [Symbol.asyncDispose]: async () => project[Symbol.dispose](),
  };
}

/** Numbers decide where they are asked to, whatever journal lies beside the files. */
function recordedBy(engine: EngineName): SmallProject {
  const project = smallProject();
  if (engine.endsWith('numbered'))
    project.configure({ databases: { app: { migrations: 'drizzle', bookkeeping: 'numbered' } } });
  return project;
}

async function serverStand(engine: EngineName): Promise<Stand> {
  const project = recordedBy(engine);
  const file = join(dirname(project.root), 'served.db');
  // One library a file: the server's own is the only one that opens it in this process.
  const client = () => createClient({ url: `file:${file}` });
  const rows = async (sql: string) => {
    const open = client();
    const found = await open.execute(sql).finally(() => open.close());
    return found.rows.map((row) => Object.fromEntries(found.columns.map((name, at) => [name, row[at]])));
  };
  await rows('PRAGMA journal_mode = WAL');
  const server = await startHranaServer({ file });
  project.configure({ environments: { staging: { targets: { app: server.url } } } });
  let kept = 0;
  return {
    engine,
    project,
    target: { kind: 'libsql', url: server.url },
    rows,
    hold: () => heldBy((until) => server.fault({ kind: 'held', until, times: 1 })),
    keep: async () => {
      const to = `${file}-kept-${(kept += 1)}`;
      await rows(`VACUUM INTO '${to}'`);
      return async () => server.replace(to);
    },
    faults: {
      cut: (when) =>
        server.fault(when === 'before' ? { kind: 'cut', times: 1 } : { kind: 'cut-answer', times: 1 }),
      // In the stand-in a refused batch is undone, as the server's own errors are.
      refuse: () => server.fault({ kind: 'refused', times: 1 }),
      none: () => server.fault({ kind: 'none' }),
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      project[Symbol.dispose]();
    },
  };
}

const localId = '11111111-2222-3333-4444-555555555555';

function localStand(): Stand {
  const project = smallProject();
  writeFileSync(
    join(project.root, 'wrangler.json'),
    JSON.stringify({
      name: 'small',
      compatibility_date: '2026-01-01',
      d1_databases: [
        { binding: 'DB', database_name: 'small', database_id: localId, migrations_dir: 'drizzle' },
      ],
    }),
  );
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1Local: 'DB' } } } },
  });
  const file = localFile(project.root, localId);
  return {
    engine: 'D1 local',
    project,
    target: { kind: 'd1-file', file },
    rows: inFile(file),
    hold: () => holdFile(file),
    keep: keeper(file),
    [Symbol.asyncDispose]: async () => project[Symbol.dispose](),
  };
}

async function remoteStand({
  server,
  empty,
}: {
  readonly server: D1Server;
  readonly empty: string;
}): Promise<Stand> {
  const project = smallProject();
  const database = server.database('app');
  await database.takeBack(empty);
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1: 'app' } } } },
  });
  return {
    engine: 'D1 remote',
    project: { ...project, env: { ...project.env, ...server.env } },
    target: {
      kind: 'd1-http',
      url: `${server.url}/accounts/${server.account}/d1/database/${database.uuid}/query`,
      token: server.token,
    },
    rows: (sql) => database.run(sql),
    hold: () => heldBy((until) => server.fault({ kind: 'held', until }, { on: 'write' })),
    keep: async () => {
      const { bookmark } = database;
      return () => database.takeBack(bookmark);
    },
    faults: {
      cut: (when) => server.fault({ kind: 'cut', when }),
      refuse: (what) =>
        server.fault(
          {
            kind: 'status',
            status: 400,
            code: 7500,
            message: 'Exceeded maximum DB size: SQLITE_FULL',
            when: 'before',
          },
          { on: what === 'unit' ? 'write' : 'any' },
        ),
      none: () => server.noFault(),
    },
    [Symbol.asyncDispose]: async () => project[Symbol.dispose](),
  };
}

/** As a request of a unit arrives, and until the test lets it go on. */
function heldBy(set: (until: () => Promise<'run' | 'drop' | 'cut'>) => void): Held {
  const arrival = Promise.withResolvers<void>();
  const word = Promise.withResolvers<'run' | 'drop' | 'cut'>();
  set(() => {
    arrival.resolve();
    return word.promise;
  });
  return { arrived: arrival.promise, let: word.resolve };
}

/** Another writer that has the file: a unit waits for it. */
export function holdFile(file: string): Held {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec('BEGIN IMMEDIATE');
  return {
    arrived: undefined,
    let: () => {
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

function inFile(file: string): Stand['rows'] {
  return async (sql) => {
    using database = new DatabaseSync(file, { timeout: 10_000 });
    return database.prepare(sql).all();
  };
}

/** The file with everything that lies beside it, as bytes: a writer that died is part of it. */
function keeper(file: string): Stand['keep'] {
  let kept = 0;
  return async () => {
    const aside = join(dirname(file), `kept-${(kept += 1)}`);
    mkdirSync(aside);
    for (const name of parts(file)) {
      if (existsSync(name)) copyFileSync(name, join(aside, basename(name)));
    }
    return async () => {
      for (const name of parts(file)) {
        rmSync(name, { force: true });
        const from = join(aside, basename(name));
        if (existsSync(from)) copyFileSync(from, name);
      }
    };
  };
}

const parts = (file: string) => ['', '-journal', '-wal', '-shm'].map((suffix) => `${file}${suffix}`);
