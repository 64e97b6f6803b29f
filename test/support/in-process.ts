import type { Change, Consent } from '../../src/operations/change.ts';
import type { RunEvent } from '../../src/operations/events.ts';
import type { StatusTarget } from '../../src/operations/reports.ts';
import { openSession, type Session } from '../../src/session.ts';
import type { SmallProject } from './small-project.ts';

/** Agrees to everything that an unprotected environment asks. */
export const consent: Consent = {
  yes: 'given',
  confirm: undefined,
  acceptLoss: [],
  accept: [],
  without: [],
  reason: undefined,
};

/** All that is pending, in order. */
export const selection = { databases: undefined, to: undefined, only: undefined, order: 'in-order' } as const;

type Place = Pick<SmallProject, 'root' | 'env'>;

/** A session on a small project, in this process. */
export async function sessionOn({ root, env }: Place): Promise<Session> {
  return openSession({
    cwd: root,
    config: undefined,
    project: undefined,
    env: { ...process.env, ...env },
    showValues: 'hide',
  });
}

/** Carries a change out to its end and gives its events. */
export async function carryOut(project: Place, change: Change): Promise<readonly RunEvent[]> {
  await using session = await sessionOn(project);
  const run = await session.start(change, {
    signal: new AbortController().signal,
    decide: () => Promise.resolve({ kind: 'declined' }),
  });
  const events: RunEvent[] = [];
  for await (const event of run.events()) events.push(event);
  await run.finished;
  return events;
}

/** The status of an environment's first database. */
export async function statusIn(project: SmallProject, environment: string): Promise<StatusTarget> {
  await using session = await sessionOn(project);
  const status = await session.ask({ kind: 'status', environments: [environment], databases: undefined });
  const target = status.kind === 'status' ? status.environments[0]?.targets[0] : undefined;
  if (!target) throw new Error(`${environment} has no target.`);
  return target;
}
