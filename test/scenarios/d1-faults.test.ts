import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extent, faults, faultyDeploys, lasting, type FaultyDeploys } from '../support/d1-deploy-faults.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';

let server: D1Server;
let small: FaultyDeploys;
let large: FaultyDeploys;
beforeAll(async () => {
  server = await startD1Server();
  small = faultyDeploys(server);
  // More than one request can hold: it goes through the import.
  large = faultyDeploys(server, (project) => {
    project.add('0002_notes', ['CREATE TABLE notes (id integer PRIMARY KEY, text text);', ...notes]);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const notes = Array.from(
  { length: 48 },
  (_one, at) => `INSERT INTO notes VALUES (${at}, '${'n'.repeat(90_000)}');`,
);

const named = Object.entries(faults).map(([name, fault]) => ({ name, fault }));
const lastingNamed = Object.entries(lasting).map(([name, plan]) => ({ name, plan }));
const hours = { timeout: 7_200_000 };

describe('D1 fails at a request of a deploy: nothing is applied twice, nothing is lost, and the state is named', () => {
  test.each(named)('once, at any request that writes: $name', { timeout: 120_000 }, async ({ fault }) => {
    const met = await small.atEvery((after) => ({ fault, on: 'write', after }));
    expect(met, 'requests that write').toBeGreaterThanOrEqual(4);
  });

  test.runIf(extent === 'some')('once, at any request', { timeout: 240_000 }, async () => {
    await small.atEvery((after) => ({ fault: faultAt(after), after }));
  });

  // What a request without rights does is the same for all that only read: every third one is enough.
  test.runIf(extent === 'some')('the token is taken away, at any request', { timeout: 240_000 }, async () => {
    const fault = { kind: 'status', status: 401, code: 10_000, when: 'before' } as const;
    await small.atEvery((nth) => ({ fault, after: nth * 3, times: Infinity }));
  });

  // Reads are repeated for a while, a copy of rows for a minute: only where something may have been changed.
  test.runIf(extent === 'some')(
    'the connection is gone for good, from any request on that writes',
    { timeout: 240_000 },
    async () => {
      const requests = await small.requests();
      const writes = requests.flatMap(({ kind }, at) => (kind === 'write' ? [at] : []));
      expect(writes.length).toBeGreaterThanOrEqual(4);
      for (const when of ['before', 'after'] as const) {
        for (const after of writes)
          expect(await small.at({ fault: { kind: 'cut', when }, after, times: Infinity })).toBe(true);
      }
    },
  );

  test.runIf(extent === 'some')('before a migration is imported', { timeout: 240_000 }, async () => {
    for (const after of [0, 1])
      expect(await large.at({ fault: faultAt(after + 3), after, on: 'import' })).toBe(true);
    expect(await large.at({ fault: { kind: 'cut', when: 'after' }, on: 'upload' })).toBe(true);
  });

  test.runIf(extent === 'some').each(named)(
    'while a migration is imported: $name',
    { timeout: 240_000 },
    async ({ fault }) => {
      expect(await large.at({ fault, after: 2, on: 'import' })).toBe(true);
    },
  );
});

describe.runIf(extent === 'all').each([
  { what: 'a small migration', deploys: () => small },
  { what: 'a migration that is imported', deploys: () => large },
])('D1 fails at every request of a deploy of $what', ({ what, deploys }) => {
  test.each(named)('once: $name', hours, async ({ name, fault }) => {
    count(`${what}, ${name}`, await deploys().atEvery((after) => ({ fault, after })));
  });

  test.each(lastingNamed)('for good: $name', hours, async ({ name, plan }) => {
    count(
      `${what}, ${name} for good`,
      await deploys().atEvery((after) => ({ ...plan, after, times: Infinity })),
    );
  });
});

function faultAt(request: number) {
  return named[request % named.length]?.fault ?? ({ kind: 'cut', when: 'before' } as const);
}

const cells = new Map<string, number>();

function count(name: string, met: number): void {
  expect(met).toBeGreaterThanOrEqual(4);
  cells.set(name, met);
}

afterAll(() => {
  if (cells.size === 0) return;
  const total = [...cells.values()].reduce((sum, met) => sum + met, 0);
  const each = [...cells].map(([name, met]) => `${name} ${met}`).join('; ');
  process.stdout.write(`${total} faults at single requests: ${each}\n`);
});
