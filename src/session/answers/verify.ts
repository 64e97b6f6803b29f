import { count, quantity } from '../../lib/numbers.ts';
import { tagOf } from '../../operations/history/history.ts';
import type { Question } from '../../operations/questions.ts';
import type { VerifyCheck, VerifyReport } from '../../operations/reports.ts';
import type { Environment } from '../../project/project.ts';
import { checkForeignKeys, checkIntegrity, checkSchema, checkVerifyFiles } from '../../runs/checks.ts';
import { replay } from '../../runs/replay/replay.ts';
import { readSnapshot, type Snapshot } from '../../runs/snapshot.ts';
import { readSchema } from '../../schema/read.ts';
import { appliedIn } from '../target/drift-of-target.ts';
import { noteDrift } from '../target/note-drift.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

type Found = Omit<VerifyCheck, 'database'>;

/** Is each database what its applied migrations give? Writes to no target. */
export async function answerVerify(
  workspace: Workspace,
  { environment: name, databases }: Extract<Question, { kind: 'verify' }>,
  signal: AbortSignal | undefined,
): Promise<VerifyReport> {
  const environment = workspace.environment(name);
  const checks: VerifyCheck[] = [];
  for (const target of workspace.targetsOf(environment, databases)) {
    const found = await verifyTarget(workspace, environment, target, signal);
    checks.push(...found.map((check) => ({ database: target.database.name, ...check })));
  }
  return {
    schemaVersion: 1,
    kind: 'verify',
    environment: name,
    equal: checks.every(({ state }) => state !== 'differs'),
    checks,
  };
}

async function verifyTarget(
  workspace: Workspace,
  environment: Environment,
  { database, target }: TargetDatabase,
  signal: AbortSignal | undefined,
): Promise<readonly Found[]> {
  const { migrations } = await workspace.folderOf(database);
  const bookkeeping = await workspace.bookkeepingOf(database);
  await using engine = await workspace.open(target, environment, {
    purpose: 'question',
    ifMissing: 'refuse',
  });
  if (!engine)
    return [
      { check: 'history', state: 'proven', says: 'the database does not exist yet; nothing is applied' },
    ];
  const snapshot = await readSnapshot(engine, { migrations, bookkeeping });
  const applied = appliedIn(snapshot.history);
  const checks = [
    historyCheck(snapshot),
    await schemaCheck(engine.query, applied, database.table, signal),
    await checkForeignKeys(engine.query, []),
    await checkIntegrity(engine),
    ...(await checkVerifyFiles(engine.query, applied)),
  ];
  const schema = checks.find(({ check }) => check === 'schema');
  if (schema && schema.state !== 'not-possible') {
    const result = schema.state === 'differs' ? 'differs' : 'equal';
    await noteDrift(workspace, { environment: environment.name, database: database.name, result });
  }
  return checks;
}

async function schemaCheck(
  query: Parameters<typeof readSchema>[0],
  applied: ReturnType<typeof appliedIn>,
  bookkeeping: string,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const replayed = await replay(applied, {
    dialect: query.dialect,
    bookkeeping,
    ...(signal ? { signal } : {}),
  });
  if (replayed.kind === 'stopped') {
    return {
      check: 'schema',
      state: 'not-possible',
      says: `its migrations cannot be replayed: ${replayed.tag === undefined ? '' : `at ${replayed.tag}, `}${replayed.why}`,
    };
  }
  const found = await readSchema(query, { bookkeeping: [bookkeeping] });
  return checkSchema(found, replayed.schema, 'the replay of its migrations');
}

function historyCheck({ history }: Snapshot): Found {
  const odd = history.items.filter(
    ({ kind }) => kind !== 'applied' && kind !== 'pending' && kind !== 'squashed',
  );
  const [first] = odd;
  if (!first) {
    const applied = history.items.filter(({ kind }) => kind === 'applied').length;
    return {
      check: 'history',
      state: 'proven',
      says: `${quantity(applied, 'migration')} applied, each from the file that is there`,
    };
  }
  const named = odd.slice(0, 3).map((item) => `${tagOf(item)} is ${item.kind}`);
  const more = odd.length > named.length ? `, and ${count(odd.length - named.length)} more` : '';
  return { check: 'history', state: 'differs', says: `${named.join(', ')}${more}` };
}
