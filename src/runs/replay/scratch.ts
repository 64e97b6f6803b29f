import { mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { isAlive } from '../../lib/is-alive.ts';
import type { Address } from '../../project/project.ts';
import { createSchemaReader } from '../../schema/read.ts';
import { asking, type Query } from '../../sql/statement.ts';
import type { Scratch } from '../context.ts';

/** Where one run keeps its scratch databases; the name carries the process, so that a dead one's are recognised. */
export function scratchFolder(scratch: string, run: number): string {
  return join(scratch, `${run}-${process.pid}`);
}

/** Opens a scratch database in a file that is there already, or an empty new one. */
export async function openScratchFile(
  file: string,
  {
    ifMissing,
    bookkeeping,
    like,
    start,
  }: {
    readonly ifMissing: 'refuse' | 'create';
    readonly bookkeeping: string;
    /** What is rehearsed for: the scratch database obeys the same engine's rules. */
    readonly like: Address;
    /** A copy of the database as it is now, for workerd. */
    readonly start?: string | undefined;
  },
): Promise<Scratch> {
  const opened = await openEngine(scratchAddress(file, like), { purpose: 'change', ifMissing });
  if (opened.kind !== 'open') throw new Error(`The scratch database ${file} is not there.`);
  const { engine } = opened;
  // Nobody reads it after a crash: waiting for the disk would only measure the disk.
  await engine.query({ sql: 'PRAGMA synchronous = OFF' });
  return scratchIn(engine, { bookkeeping, start });
}

/** What a rehearsal fills in, around a database of its own that goes with the engine. */
export function scratchIn(
  engine: Engine,
  { bookkeeping, start }: { readonly bookkeeping: string; readonly start?: string | undefined },
): Scratch {
  let through: Query = engine.query;
  const reader = createSchemaReader(
    asking(engine.query, (statement) => through(statement)),
    { bookkeeping: [bookkeeping] },
  );
  return {
    engine,
    startForWorkerd: start,
    units: [],
    schemaThrough: async (query) => {
      through = query;
      return reader.read();
    },
    schemaBefore: { objects: [] },
    fingerprintBefore: '',
    historyBefore: '',
    before: { tables: [], violations: [] },
    foreignKeysBefore: [],
    invariantsBefore: new Map(),
    expected: new Map(),
    lossesInside: [],
    rehearsed: [],
  };
}

function scratchAddress(path: string, like: Address): Address {
  switch (like.kind) {
    case 'd1-local':
      return { ...like, path };
    case 'd1-remote':
      return { kind: 'd1-local', path, id: like.database, root: '' };
    case 'libsql-file':
    case 'libsql-memory':
    case 'libsql-remote':
    case 'unavailable':
      return { kind: 'libsql-file', path };
    case 'postgres':
    case 'pglite':
      throw new Error('A scratch database of PostgreSQL is no file.');
    default:
      return unreachable(like);
  }
}

export async function makeScratchFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Row data does not outlive its run: what processes left that are no longer there is removed. */
export async function sweepScratch(scratch: string): Promise<void> {
  if (!existsSync(scratch)) return;
  for (const name of await readdir(scratch)) {
    const pid = Number(/-(\d+)$/.exec(name)?.[1]);
    if (!isAlive(pid)) await rm(join(scratch, name), { recursive: true, force: true });
  }
}
