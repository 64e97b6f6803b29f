import { expect } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import type { D1Fault, D1FaultOptions } from './d1-faults.ts';
import type { D1Request, D1Server } from './d1-server.ts';
import { carryOut, consent, selection, statusIn } from './in-process.ts';
import { smallProject, type SmallProject } from './small-project.ts';

/** FAULTS=all takes every fault at every request, reads too; without it, what behaves alike is tried in places only. */
export const extent = process.env['FAULTS'] === 'all' ? 'all' : 'some';

const refused = (message: string) =>
  ({ kind: 'status', status: 400, code: 7500, message, when: 'before' }) as const;

/** What can go wrong at one request. */
export const faults: Readonly<Record<string, D1Fault>> = {
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
export const lasting: Readonly<Record<string, Planned>> = {
  'the token is taken away': { fault: { kind: 'status', status: 401, code: 10_000, when: 'before' } },
  'the token may only read': {
    fault: { kind: 'status', status: 403, code: 10_000, when: 'before' },
    on: 'write',
  },
  'an export locks the database': { fault: refused('Currently processing a long-running export.') },
  'the connection is gone': { fault: { kind: 'cut', when: 'before' } },
  'the connection is gone with the answer': { fault: { kind: 'cut', when: 'after' } },
};

export type Planned = D1FaultOptions & { readonly fault: D1Fault };

export interface FaultyDeploys {
  /** With a fault at the first request, the second, and so on; gives how many met it. */
  atEvery(plan: (after: number) => Planned): Promise<number>;
  /** Deploys to an empty database with a fault, looks, and deploys again without; gives whether the fault was met. */
  at(planned: Planned): Promise<boolean>;
  /** What a deploy without a fault sends. */
  requests(): Promise<readonly D1Request[]>;
}

/**
 * Deploys of a small project to the server's first database, which is empty now.
 *
 * @param add migrations to add to its two
 */
export function faultyDeploys(
  server: D1Server,
  add: (project: SmallProject) => void = () => undefined,
): FaultyDeploys {
  const database = server.database('app');
  const empty = database.bookmark;
  const project = (connect: string) => {
    const made = remoteProject(server, connect);
    add(made);
    return made;
  };
  /** Where a deploy without a fault arrives; `held` counts the rows of every table. */
  let whole: Held | undefined;
  const requests = async () => {
    using fresh = project(patient);
    const from = server.requests.length;
    await database.takeBack(empty);
    expect(await deploy(fresh)).toMatchObject({ kind: 'done' });
    whole = await held(server);
    return server.requests.slice(from);
  };
  const at: FaultyDeploys['at'] = async ({ fault, ...options }) => {
    if (whole === undefined) await requests();
    await database.takeBack(empty);
    // What stays broken is asked for as long as there is patience.
    using fresh = project(options.times === Infinity ? '500ms' : patient);
    server.fault(fault, options);
    const last = await deploy(fresh).catch(asError);
    const met = server.faultWasMet();
    server.noFault();
    fresh.configureEnvironment('staging', { timeouts: { connect: patient } });
    await isNamed(server, fresh, last, whole ?? none);
    await goesOn(server, fresh);
    expect(await held(server)).toEqual(whole);
    return met;
  };
  return {
    at,
    requests,
    async atEvery(plan) {
      let after = 0;
      while (await at(plan(after))) after += 1;
      return after;
    },
  };
}

/** For machines that are busy with something else. */
const patient = '10s';

/** The status says what the database holds, and the run said nothing else. */
async function isNamed(
  server: D1Server,
  project: SmallProject,
  last: LastEvent | Error,
  whole: Held,
): Promise<void> {
  const status = await statusIn(project, 'staging');
  const { d1_migrations: records = 0 } = await held(server);
  expect(status.applied).toBe(records);
  expect(status.state).toEqual([records === whole['d1_migrations'] ? 'current' : 'behind']);
  if (last instanceof Error) return expect(records).toBe(0);
  const { applied, exitCode, message } = last;
  if (applied.length === records) return;
  // The answer to the last request is lost, and nobody can be asked any more.
  expect({ applied: applied.length + 1, exitCode }).toEqual({ applied: records, exitCode: 5 });
  expect(message).toMatch(/not known|did not say/);
}

/** A minute later, when a lock that could not be given back has run out. */
async function goesOn(server: D1Server, project: SmallProject): Promise<void> {
  const database = server.database('app');
  const lease = "SELECT 1 FROM sqlite_schema WHERE name = '__migrate_tui_lease'";
  if ((await database.run(lease)).length > 0) {
    await database.run('UPDATE __migrate_tui_lease SET expires_at = 0');
  }
  const again = await deploy(project);
  expect(again, JSON.stringify(again)).toMatchObject({ kind: 'done' });
}

function remoteProject(server: D1Server, connect: string): SmallProject {
  const project = smallProject();
  project.configure({
    databases: { app: { migrations: 'drizzle', bookkeeping: 'd1' } },
    environments: { staging: { targets: { app: { d1: 'app' } }, timeouts: { connect } } },
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

/** Rows by table: those of the application and the records. */
type Held = Readonly<Record<string, number>>;

const none: Held = {};

async function held(server: D1Server): Promise<Held> {
  const database = server.database('app');
  const named = await database.run(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '[_s]*' ORDER BY name",
  );
  const counts: Record<string, number> = {};
  for (const { name } of named) {
    const [row] = await database.run(`SELECT count(*) AS n FROM "${String(name)}"`);
    counts[String(name)] = Number(row?.['n']);
  }
  return counts;
}
