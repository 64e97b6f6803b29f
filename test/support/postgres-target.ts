import type { Client } from 'pg';
import type { Engine } from '../../src/engines/engine.ts';
import { openPostgres } from '../../src/engines/postgres/postgres.ts';
import type { PostgresServer } from './postgres.ts';

/** An empty database of its own on a server, opened as a run opens it. */
export interface PostgresTarget extends AsyncDisposable {
  readonly engine: Engine;
  /** A connection of somebody else's program. */
  readonly client: Client;
  /** Another one of ours; closed with the target. */
  openAgain(options?: { readonly busyTimeout?: number; readonly signal?: AbortSignal }): Promise<Engine>;
  connect(): Promise<Client & AsyncDisposable>;
}

export async function postgresTarget(server: PostgresServer): Promise<PostgresTarget> {
  const resources = new AsyncDisposableStack();
  const database = resources.use(await server.createDatabase());
  const openAgain: PostgresTarget['openAgain'] = async (options) =>
    resources.use(
      await openPostgres(database.address, {
        purpose: 'change',
        connectTimeout: 5000,
        busyTimeout: 5000,
        ...options,
      }),
    );
  const client = resources.use(await database.connect());
  return {
    engine: await openAgain(),
    client,
    openAgain,
    connect: async () => resources.use(await database.connect()),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
