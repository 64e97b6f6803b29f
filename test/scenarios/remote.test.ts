import { createClient } from '@libsql/client';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/operations/events.ts';
import { startHranaServer, type HranaFault, type HranaServer } from '../support/hrana-server.ts';
import { carryOut, consent, selection, sessionOn, statusIn } from '../support/in-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { smallProject, type SmallProject } from '../support/small-project.ts';

const open: AsyncDisposable[] = [];
afterAll(async () => {
  for (const one of open) await one[Symbol.asyncDispose]();
});

const faults: readonly Exclude<HranaFault, { kind: 'none' }>[] = [
  { kind: 'cut', times: 1 },
  { kind: 'status', status: 503, times: 1 },
  { kind: 'cut-before-commit', times: 1 },
  { kind: 'cut-after-commit', times: 1 },
];

// A refusal behaves as a cut does wherever the request only reads: every fourth request is enough for it.
describe('a remote server that fails once, at any request of a deploy', () => {
  test.each(faults)(
    '$kind: nothing is applied twice, nothing is lost, and the state is named',
    async (fault) => {
      for (let after = 0; ; after += fault.kind === 'status' ? 4 : 1) {
        const { server, project } = await remoteProject();
        server.fault(fault, { after });
        const last = await deploy(project).catch(() => undefined);
        const wasMet = server.faultIsOver();
        server.fault({ kind: 'none' });
        const status = await statusIn(project, 'staging');
        if (last && last.exitCode !== 5) expect(status.applied).toBe(last.applied.length);
        expect(status.state).toEqual(status.pending === 0 ? ['current'] : ['behind']);
        const again = await deploy(project);
        expect(again.message, `${JSON.stringify(last)} ${JSON.stringify(again)}`).toMatch(
          /applied and verified|Nothing to deploy/,
        );
        expect(await rowsOf(project)).toEqual({ teams: 2, members: 2, records: 2 });
        if (!wasMet) break;
      }
    },
    120_000,
  );
});

test('a wrong token and a host that nobody knows leave the status of the others as it is', async () => {
  const { project } = await remoteProject({ token: 'right' });
  const status = await statusIn(project, 'staging');
  expect(status).toMatchObject({ state: ['unreachable'] });
  project.configure({
    environments: {
      local: { targets: { app: 'file:local.db' } },
      staging: { targets: { app: 'http://127.0.0.1:9' } },
      lost: { targets: { app: 'http://no-such-host.invalid' } },
    },
  });
  await using session = await sessionOn(project);
  const report = await session.ask({ kind: 'status', environments: [], databases: undefined });
  if (report.kind !== 'status') throw new Error('No status.');
  expect(report.environments.map(({ targets }) => targets[0]?.state)).toEqual([
    ['behind'],
    ['unreachable'],
    ['unreachable'],
  ]);
});

async function remoteProject({ token }: { readonly token?: string } = {}): Promise<{
  readonly server: HranaServer;
  readonly project: SmallProject;
}> {
  const folder = await temporaryFolder();
  const file = folder.file('served.db');
  // As sqld keeps its files: a reader whose connection was cut shuts out no writer.
  const client = createClient({ url: `file:${file}` });
  await client.execute('PRAGMA journal_mode = WAL');
  client.close();
  const server = await startHranaServer({ file, ...(token === undefined ? {} : { token }) });
  const project = smallProject();
  open.push(server, folder, { [Symbol.asyncDispose]: async () => project[Symbol.dispose]() });
  project.configure({ environments: { staging: { targets: { app: server.url } } } });
  return { server, project };
}

async function deploy(project: SmallProject): Promise<Extract<RunEvent, { kind: 'done' | 'failed' }>> {
  const events = await carryOut(project, { kind: 'deploy', environment: 'staging', selection, consent });
  const last = events.at(-1);
  if (last?.kind !== 'done' && last?.kind !== 'failed') throw new Error('The run has no last event.');
  return last;
}

async function rowsOf(project: SmallProject): Promise<Readonly<Record<string, unknown>>> {
  await using session = await sessionOn(project);
  const sql =
    'SELECT (SELECT count(*) FROM teams) AS teams, (SELECT count(*) FROM members) AS members, (SELECT count(*) FROM __drizzle_migrations) AS records';
  const answer = await session.ask({ kind: 'query', environment: 'staging', database: undefined, sql });
  if (answer.kind !== 'query') throw new Error('No answer.');
  return Object.fromEntries(answer.columns.map((column, at) => [column, Number(answer.rows[0]?.[at])]));
}
