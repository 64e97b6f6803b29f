import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import type { D1Fault, D1FaultOptions } from '../support/d1-faults.ts';
import { startD1Server, type D1Request, type D1Server, type D1TestDatabase } from '../support/d1-server.ts';
import { carryOut, consent, selection, statusIn } from '../support/in-process.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

let server: D1Server;
let database: D1TestDatabase;
let empty: string;
beforeAll(async () => {
  server = await startD1Server();
  database = server.database('app');
  empty = database.bookmark;
});
afterAll(() => server[Symbol.asyncDispose]());

/** FAULTS=all takes every fault at every request, reads too; without it, what behaves alike is tried in places only. */
const extent = process.env['FAULTS'] === 'all' ? 'all' : 'some';

const refused = (message: string) =>
  ({ kind: 'status', status: 400, code: 7500, message, when: 'before' }) as const;

/** What can go wrong at one request. */
const faults: Readonly<Record<string, D1Fault>> = {
  'too many requests': { kind: 'status', status: 429, retryAfter: 1, when: 'before' },
  'HTTP 503, not carried out': { kind: 'status', status: 503, when: 'before' },
  'HTTP 500, carried out': { kind: 'status', status: 500, when: 'after' },
  'cut, not carried out': { kind: 'cut', when: 'before' },
  'cut, carried out': { kind: 'cut', when: 'after' },
  slow: { kind: 'slow', milliseconds: 50 },
  'an export locks the database': refused('Currently processing a long-running export.'),
  'the parser refuses it': refused('incomplete input: SQLITE_ERROR'),
};

/** What stays as it is, from one request on. */
const lasting: Readonly<Record<string, D1FaultOptions & { readonly fault: D1Fault }>> = {
  'the token is taken away': { fault: { kind: 'status', status: 401, code: 10_000, when: 'before' } },
  'the token may only read': {
    fault: { kind: 'status', status: 403, code: 10_000, when: 'before' },
    on: 'write',
  },
  'an export locks the database': { fault: refused('Currently processing a long-running export.') },
  'the connection is gone': { fault: { kind: 'cut', when: 'before' } },
  'the connection is gone with the answer': { fault: { kind: 'cut', when: 'after' } },
};

const named = Object.entries(faults).map(([name, fault]) => ({ name, fault }));
const lastingNamed = Object.entries(lasting).map(([name, plan]) => ({ name, plan }));

describe('D1 fails at a request of a deploy: nothing is applied twice, nothing is lost, and the state is named', () => {
  test.each(named)(
    'once, at any request that writes: $name',
    async ({ fault }) => {
      const met = await atEvery((after) => ({ fault, on: 'write', after }));
      expect(met, 'requests that write').toBeGreaterThanOrEqual(4);
    },
    120_000,
  );

  test.runIf(extent === 'some')(
    'once, at any request',
    async () => {
      const kinds = Object.values(faults);
      await atEvery((after) => ({
        fault: kinds[after % kinds.length] ?? { kind: 'cut', when: 'before' },
        after,
      }));
    },
    240_000,
  );

  // What a request without rights does is the same for all that only read: every third one is enough.
  test.runIf(extent === 'some')(
    'the token is taken away, at any request',
    async () => {
      const fault = { kind: 'status', status: 401, code: 10_000, when: 'before' } as const;
      await atEvery((nth) => ({ fault, after: nth * 3, times: Infinity }));
    },
    240_000,
  );

  // Reads are repeated for a while, a copy of rows for a minute: only where something may have been changed.
  test.runIf(extent === 'some')(
    'the connection is gone for good, from any request on that writes',
    async () => {
      const writes = (await requestsOfADeploy()).flatMap(({ kind }, at) => (kind === 'write' ? [at] : []));
      expect(writes.length).toBeGreaterThanOrEqual(4);
      for (const when of ['before', 'after'] as const) {
        for (const after of writes)
          expect(await at({ fault: { kind: 'cut', when }, after, times: Infinity })).toBe(true);
      }
    },
    240_000,
  );

  test.runIf(extent === 'all').each(named)(
    'once, at every request: $name',
    async ({ name, fault }) => {
      count(name, await atEvery((after) => ({ fault, after })));
    },
    1_200_000,
  );

  test.runIf(extent === 'all').each(lastingNamed)(
    'for good, from every request on: $name',
    async ({ name, plan }) => {
      count(`${name} for good`, await atEvery((after) => ({ ...plan, after, times: Infinity })));
    },
    3_600_000,
  );
});

const cells = new Map<string, number>();

function count(name: string, met: number): void {
  expect(met).toBeGreaterThanOrEqual(4);
  cells.set(name, met);
}

afterAll(() => {
  if (cells.size === 0) return;
  const total = [...cells.values()].reduce((sum, met) => sum + met, 0);
  process.stdout.write(
    `${total} faults at single requests: ${[...cells].map(([name, met]) => `${name} ${met}`).join(', ')}\n`,
  );
});

async function requestsOfADeploy(): Promise<readonly D1Request[]> {
  using project = remoteProject();
  const from = server.requests.length;
  await database.takeBack(empty);
  await deploy(project);
  return server.requests.slice(from);
}

type Planned = D1FaultOptions & { readonly fault: D1Fault };

/** With a fault at the first request, the second, and so on; gives how many met it. */
async function atEvery(plan: (after: number) => Planned): Promise<number> {
  let after = 0;
  while (await at(plan(after))) after += 1;
  return after;
}

/** Deploys to an empty database with a fault, looks, and deploys again without; gives whether the fault was met. */
async function at({ fault, ...options }: Planned): Promise<boolean> {
  await database.takeBack(empty);
  using project = remoteProject();
  server.fault(fault, options);
  const last = await deploy(project).catch(asError);
  const met = server.faultWasMet();
  server.noFault();
  await isNamed(project, last);
  await goesOn(project);
  return met;
}

/** The status says what the database holds, and the run said nothing else. */
async function isNamed(project: SmallProject, last: LastEvent | Error): Promise<void> {
  const status = await statusIn(project, 'staging');
  const { records } = await held();
  expect(status.applied).toBe(records);
  expect(status.state).toEqual([records === 2 ? 'current' : 'behind']);
  if (last instanceof Error) return expect(records).toBe(0);
  const { applied, exitCode, message } = last;
  if (applied.length === records) return;
  // The answer to the last request is lost, and nobody can be asked any more.
  expect({ applied: applied.length + 1, exitCode }).toEqual({ applied: records, exitCode: 5 });
  expect(message).toMatch(/not known|did not say/);
}

/** A minute later, when a lock that could not be given back has run out. */
async function goesOn(project: SmallProject): Promise<void> {
  if (await isThere('__migrate_tui_lease'))
    await database.run('UPDATE __migrate_tui_lease SET expires_at = 0');
  const again = await deploy(project);
  expect(again, JSON.stringify(again)).toMatchObject({ kind: 'done' });
  expect(await held()).toEqual({ teams: 2, members: 2, records: 2 });
}

function remoteProject(): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1: 'app' } }, timeouts: { connect: '200ms' } } },
  });
  return { ...project, env: { ...project.env, ...server.env } };
}

type LastEvent = Extract<RunEvent, { kind: 'done' | 'failed' }>;

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

async function deploy(project: SmallProject): Promise<LastEvent> {
  const events = await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  const last = events.at(-1);
  if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('The run has no last event.');
  return last;
}

/** Rows of the application and of the tracking table; 0 for a table that is not there. */
async function held(): Promise<Readonly<Record<'teams' | 'members' | 'records', number>>> {
  const tables = { teams: 'teams', members: 'members', records: 'd1_migrations' } as const;
  const counts: Record<string, number> = {};
  for (const [name, table] of Object.entries(tables)) {
    const [row] = (await isThere(table)) ? await database.run(`SELECT count(*) AS n FROM ${table}`) : [];
    counts[name] = Number(row?.['n'] ?? 0);
  }
  return { teams: 0, members: 0, records: 0, ...counts };
}

async function isThere(table: string): Promise<boolean> {
  return (await database.run(`SELECT 1 FROM sqlite_schema WHERE name = '${table}'`)).length > 0;
}
