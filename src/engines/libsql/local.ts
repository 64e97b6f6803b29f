import type { Client } from '@libsql/client/sqlite3';
import { asking, type Statement } from '../../sql/statement.ts';
import type { Engine, EngineName } from '../engine.ts';
import { turns } from '../turns.ts';
import { oneConnection } from './connection.ts';
import { localQuery, type QueryOptions } from './local-query.ts';
import { runLocalUnit } from './local-unit.ts';
import { readsDefinitions, refuseUnreadableSchema } from './readable-schema.ts';

export interface LocalOptions extends Omit<QueryOptions, 'onBusy'> {
  readonly name: Extract<EngineName, 'libsql-file' | 'libsql-memory'>;
  /** Called once, when the engine is disposed. */
  readonly onDispose: () => void;
}

/** An engine on a client with exactly one connection (`concurrency: 1`, `intMode: 'bigint'`), which it owns. */
export function localEngine(client: Client, options: LocalOptions): Engine {
  const { name, location, busyTimeout, signal, onDispose } = options;
  // A question that meets a lock gives the connection up, which must not be in the middle of another one; nor can
  // anything else use it while a unit's transaction is open.
  const inTurn = turns();
  const connection = oneConnection(client);
  const ask = (statement: Statement) =>
    localQuery(client, statement, { ...options, onBusy: () => connection.renew() });
  let disposed = false;
  return {
    name,
    location,
    delivery: 'statement-by-statement',
    foreignKeys: 'switchable',
    query: asking({ dialect: 'sqlite', bytes: 'as-they-are' }, (statement) =>
      inTurn(async () => {
        if (readsDefinitions(statement.sql)) await refuseUnreadableSchema(ask, location);
        return ask(statement);
      }),
    ),
    unit: (unit, unitOptions = {}) => {
      const passed = { busyTimeout, ...(signal ? { signal } : {}), ...unitOptions };
      return inTurn(() => runLocalUnit(connection, unit, location, passed));
    },
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      client.close();
      onDispose();
    },
  };
}
