import type { Lease } from '../../bookkeeping/lease.ts';
import type { Unfinished } from '../../bookkeeping/unfinished.ts';
import { namesIndex } from '../../operations/diagnosis/left-invalid.ts';
import type { HalfWithoutFile } from '../../operations/situations/half-without-file.ts';
import type { AtWork } from '../../operations/situations/while-at-work.ts';
import { isDead } from '../../runs/lock/lock.ts';
import { leftSessions } from '../../runs/postgres/left-sessions.ts';
import { isInvalidIndex } from '../../schema/invalid-index.ts';
import { readSchema } from '../../schema/read.ts';
import type { DiagnosedOptions } from './diagnosed.ts';

/** What there is to see of migrations in parts whose files are not in the folder. The target is only read. */
export async function withoutFileIn({
  engine,
  snapshot,
  own,
}: DiagnosedOptions): Promise<readonly HalfWithoutFile[]> {
  const { history, migrations, bookkeeping, lease } = snapshot;
  const { withoutFile = [] } = history;
  if (withoutFile.length === 0) return [];
  const { objects } = await readSchema(engine.query, { bookkeeping: [bookkeeping.table] });
  const statements = migrations.flatMap((migration) => migration.statements);
  const invalid = objects
    .filter((object) => isInvalidIndex(object) && !statements.some(({ sql }) => namesIndex(sql, object)))
    .map(({ name }) => name);
  return Promise.all(
    withoutFile.map(async (noted) => {
      const atWork = await atWorkOn(noted, { lease, engine, own });
      return { noted, invalid, ...(atWork && { atWork }) };
    }),
  );
}

/** What still works on a migration that the target keeps a note of; undefined: nothing does. */
export async function atWorkOn(
  noted: Unfinished,
  {
    lease,
    engine,
    own,
  }: Pick<DiagnosedOptions, 'engine'> & {
    readonly lease: Lease | undefined;
    readonly own: string | undefined;
  },
): Promise<AtWork | undefined> {
  return running(lease, own) ?? (await workingOn(noted, engine, own));
}

/** Somebody at work may be in the middle of it. */
function running(lease: Lease | undefined, own: string | undefined): AtWork | undefined {
  if (lease?.run === undefined || lease.run === own || lease.state !== 'live' || isDead(lease))
    return undefined;
  const { by, host, since } = lease;
  return { kind: 'running-elsewhere', by, host, since: new Date(since).toISOString() };
}

async function workingOn(
  { run, host }: Unfinished,
  engine: DiagnosedOptions['engine'],
  own: string | undefined,
): Promise<AtWork | undefined> {
  const sessions = run === own ? [] : await leftSessions(engine.query, [{ run, host }]);
  return sessions.length === 0 ? undefined : { kind: 'session-left', sessions };
}
