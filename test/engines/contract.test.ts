import { describe } from 'vitest';
import { openLibsqlMemory } from '../../src/engines/libsql/memory.ts';
import { openLibsqlRemote } from '../../src/engines/libsql/remote.ts';
import { traced } from '../../src/engines/traced.ts';
import { engineContract, type KnownDifference } from '../contracts/engine.ts';
import { startHranaServer } from '../support/hrana-server.ts';
import { engineInFolder } from '../support/engine-in-folder.ts';

describe('libSQL in a file', () => engineContract(engineInFolder));

describe('libSQL in memory', () =>
  engineContract(async () => {
    const engine = openLibsqlMemory();
    return { engine, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  }));

const oneRequest = 'a unit is one request, which nothing can look into or stop';
const remoteDifferences: readonly KnownDifference[] = [
  { test: 'stopped between two statements is undone', reason: oneRequest },
  { test: 'can be looked at after each statement, from inside', reason: oneRequest },
];

describe('libSQL behind our own Hrana server', () => engineContract(openRemote, remoteDifferences));

describe('libSQL in a file, traced', () =>
  engineContract(async () => {
    const opened = await engineInFolder();
    return { ...opened, engine: traced(opened.engine, () => undefined, { environment: 'local' }) };
  }));

async function openRemote() {
  const server = await startHranaServer();
  const engine = await openLibsqlRemote({ url: server.url, authToken: undefined, connectTimeout: 5000 });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
