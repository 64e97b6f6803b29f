import { existsSync } from 'node:fs';
import { MigrateError } from '../../lib/errors.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { bytes, quantity } from '../../lib/numbers.ts';
import type { DoctorReport } from '../../operations/reports.ts';
import { projectChecks } from '../../project/project-checks.ts';
import { howToMakeKey } from '../../runs/backups/keys.ts';
import { summaryOf } from '../../runs/backups/summary.ts';
import { listBackups, listUnreadable } from '../../runs/backups/backups.ts';
import { fileOf } from '../../runs/backups/copies.ts';
import { asKnown } from '../refusal.ts';
import { statusOf } from '../status.ts';
import type { Workspace } from '../workspace.ts';
import { pgliteChecks } from './pglite-checks.ts';
import { postgresChecks } from './postgres-checks.ts';

type Check = DoctorReport['checks'][number];

/** What stands in the way of a deploy, and what lies on this machine: the project, its folders, its targets, its backups. */
export async function answerDoctor(workspace: Workspace): Promise<DoctorReport> {
  return {
    schemaVersion: 1,
    kind: 'doctor',
    checks: [
      ...projectChecks(workspace.project),
      ...(await folderChecks(workspace)),
      ...(await targetChecks(workspace)),
      ...(await serverChecks(workspace)),
      ...(await tokenChecks(workspace)),
      ...(await postgresChecks(workspace.project)),
      ...(await pgliteChecks(workspace.project)),
      await backupCheck(workspace),
      ...keyChecks(workspace),
      await ledgerCheck(workspace),
    ],
  };
}

async function folderChecks(workspace: Workspace): Promise<readonly Check[]> {
  const all = await Promise.all(
    workspace.project.databases.map(async (database): Promise<readonly Check[]> => {
      const check = `migrations of ${database.name}`;
      try {
        const { migrations, notes, format } = await workspace.folderOf(database);
        const says = `${quantity(migrations.length, 'migration')} (${format})`;
        if (notes.length === 0) return [{ check, state: 'ok', says }];
        return notes.map(({ file, message }) => ({
          check,
          state: 'warning',
          says: `${says}; ${file}: ${message}`,
        }));
      } catch (error) {
        return [problem(check, error)];
      }
    }),
  );
  return all.flat();
}

async function targetChecks(workspace: Workspace): Promise<readonly Check[]> {
  try {
    // What is wrong with the ledger is said by a check of its own.
    const { environments } = await statusOf({ ...workspace, notices: new Set() }, [], {});
    return environments.flatMap(({ name, targets }) =>
      targets.map(({ database, location, state, error }): Check => {
        const check = targets.length > 1 ? `${name}, ${database}` : name;
        if (error)
          return {
            check,
            state: 'problem',
            says: error.message,
            ...(error.next === undefined ? {} : { next: error.next }),
          };
        if (isMissing(workspace, name, database))
          return { check, state: 'ok', says: `${location} does not exist yet: a deploy makes it` };
        return { check, state: 'ok', says: `${location} answers: ${state.join(', ')}` };
      }),
    );
  } catch (error) {
    return [problem('targets', error)];
  }
}

function isMissing({ project }: Workspace, environment: string, database: string): boolean {
  const targets = project.environments.find(({ name }) => name === environment)?.targets ?? [];
  const target = targets.find((one) => one.database === database);
  const file = target && fileOf(target.address);
  return file !== undefined && !existsSync(file);
}

/** The local databases of D1 that another program has open: nothing is in the way then, but its requests can meet a lock. */
async function serverChecks({ project }: Workspace): Promise<readonly Check[]> {
  const { isServed } = await import('../../engines/d1/is-served.ts');
  const checks: Check[] = [];
  for (const { name, targets } of project.environments) {
    for (const { address, database } of targets) {
      if (address.kind !== 'd1-local' || (await isServed(address.path)) !== 'yes') continue;
      checks.push({
        check: targets.length > 1 ? `dev server of ${name}, ${database}` : `dev server of ${name}`,
        state: 'ok',
        says: `another program, such as wrangler dev, has ${address.path} open; it sees at once what is committed`,
      });
    }
  }
  return checks;
}

/** What the tokens for Cloudflare may do, each asked about once: too little stops a deploy, too much is a risk. */
async function tokenChecks({ project }: Workspace): Promise<readonly Check[]> {
  const remote = project.environments.flatMap(({ name, targets, timeouts }) =>
    targets.flatMap(({ address, database }) =>
      address.kind === 'd1-remote'
        ? [{ address, timeouts, whose: targets.length > 1 ? `${name} (${database})` : name }]
        : [],
    ),
  );
  if (remote.length === 0) return [];
  const { accessOf, checkToken } = await import('../../engines/d1/remote/check-token.ts');
  const tokens = new Map<string, typeof remote>();
  for (const target of remote) {
    const access = accessOf(target.address);
    tokens.set(access, [...(tokens.get(access) ?? []), target]);
  }
  const checks = [...tokens.values()].map(async (targets): Promise<readonly Check[]> => {
    const connectTimeout = Math.max(...targets.map(({ timeouts }) => timeouts.connect));
    const findings = await checkToken(
      targets.map(({ address }) => address),
      { connectTimeout },
    );
    const check = `token of ${targets.map(({ whose }) => whose).join(', ')}`;
    return findings.map((finding) => ({ check, ...finding }));
  });
  return (await Promise.all(checks)).flat();
}

async function backupCheck(workspace: Workspace): Promise<Check> {
  try {
    return await keptBackups(workspace);
  } catch (error) {
    return problem('backups', asKnown(error));
  }
}

async function keptBackups(workspace: Workspace): Promise<Check> {
  const { backups: folder } = workspace.places;
  const manifests = await listBackups(folder);
  const size = manifests
    .map((manifest) => summaryOf(folder, manifest, workspace.project.backups).size)
    .reduce((sum, one) => sum + one, 0);
  const check = 'backups';
  const says = `${quantity(manifests.length, 'backup')}, ${bytes(size)}, in ${folder}; kept ${quantity(workspace.project.backups.keepDays, 'day')}`;
  const [unreadable] = await listUnreadable(folder);
  if (!unreadable) return { check, state: 'ok', says };
  const { message, next } = unreadable.error;
  return { check, state: 'warning', says: `${says}; ${message}`, ...(next === undefined ? {} : { next }) };
}

/** The first key encrypts, the others only read what they did. */
function keyChecks({ backupKeys }: Workspace): readonly Check[] {
  return backupKeys.map((one, at): Check => {
    const check = at === 0 ? 'backup key' : 'older backup key';
    switch (one.kind) {
      case 'usable':
        return { check, state: 'ok', says: `${one.variable} is the key ${one.key.fingerprint}` };
      case 'unusable': {
        const cost = at === 0 ? 'no backup can be taken' : 'what it encrypted cannot be restored';
        const says = `${one.variable} ${one.why}: ${cost}`;
        return { check, state: 'problem', says, next: howToMakeKey(one.variable) };
      }
      default:
        return unreachable(one);
    }
  });
}

async function ledgerCheck(workspace: Workspace): Promise<Check> {
  try {
    const ledger = await workspace.openLedger('read');
    if (!ledger) return { check: 'ledger', state: 'ok', says: 'no run yet' };
    await using open = ledger;
    await open.units();
    return {
      check: 'ledger',
      state: 'ok',
      says: `${quantity((await open.runs()).length, 'run')} in ${workspace.places.ledger}`,
    };
  } catch (error) {
    return problem('ledger', error);
  }
}

function problem(check: string, error: unknown): Check {
  if (!(error instanceof MigrateError)) throw error;
  return {
    check,
    state: 'problem',
    says: error.message,
    ...(error.next === undefined ? {} : { next: error.next }),
  };
}
