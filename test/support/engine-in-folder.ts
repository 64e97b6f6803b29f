import type { Engine } from '../../src/engines/engine.ts';
import { openLibsqlFile } from '../../src/engines/libsql/file.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** An engine on a file in a folder of its own; both go when it is disposed. */
export interface EngineInFolder extends AsyncDisposable {
  readonly engine: Engine;
  /** Of the database. */
  readonly path: string;
}

/** @param open opens the file that it is given, which is not there; libSQL unless told */
export async function engineInFolder(
  open: (path: string) => Promise<Engine> = openLibsql,
): Promise<EngineInFolder> {
  const folder = await temporaryFolder();
  const path = folder.file('app.db');
  const engine = await open(path);
  return {
    engine,
    path,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function openLibsql(path: string): Promise<Engine> {
  return openLibsqlFile({ path, ifMissing: 'create', busyTimeout: 1000 });
}
