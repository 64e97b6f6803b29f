import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startD1Server, type D1Server, type D1TestDatabase } from './d1-server.ts';

/** For a whole file: a server with one database, which is empty again before each test. */
export function d1ForFile(name: string): {
  readonly server: D1Server;
  readonly database: D1TestDatabase;
} {
  let server: D1Server;
  let empty: string;
  beforeAll(async () => {
    server = await startD1Server({ databases: [name] });
    empty = server.database(name).bookmark;
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => server.database(name).takeBack(empty));
  return {
    get server() {
      return server;
    },
    get database() {
      return server.database(name);
    },
  };
}
