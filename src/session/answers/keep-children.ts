import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { History } from '../../operations/history/history.ts';
import { renderMigration, type Rewriting } from '../../operations/keep-children/keep-children.ts';
import type { MigrationReport } from '../../operations/reports.ts';
import type { Database, Environment } from '../../project/project.ts';
import { isD1 } from '../../rules/rule.ts';
import { readSchema } from '../../schema/read.ts';
import { ruleEngineOf } from '../prepare/prepare.ts';
import { readTarget } from '../prepare/read-target.ts';
import { rewritingOf } from '../files/rewriting.ts';
import type { TargetDatabase, Workspace } from '../workspace.ts';

export interface Rewritable {
  readonly database: Database;
  readonly migration: Migration;
}

/** What `--keep-children` adds to the answer: written for the schema that the environment has now, which is only read. */
export async function answerKeepChildren(
  workspace: Workspace,
  { database, migration }: Rewritable,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Pick<MigrationReport, 'rewritten' | 'notRewritten'>> {
  const environment = workspace.environment(name);
  const [target] = workspace.targetsOf(environment, [database.name]);
  if (!target) throw new Error(`${name} has no target for ${database.name}.`);
  const rewriting = await rewritingIn(workspace, environment, target, { migration, signal });
  switch (rewriting.kind) {
    case 'rewritten': {
      const { statements, keeps } = rewriting;
      return { rewritten: { environment: name, text: renderMigration(statements), keeps } };
    }
    case 'not-needed':
    case 'not-possible':
      return { notRewritten: { environment: name, reason: rewriting.kind, why: rewriting.why } };
    default:
      return unreachable(rewriting);
  }
}

async function rewritingIn(
  workspace: Workspace,
  environment: Environment,
  target: TargetDatabase,
  { migration, signal }: { readonly migration: Migration; readonly signal: AbortSignal },
): Promise<Rewriting> {
  const { database } = target;
  const { address } = target.target;
  if (address.kind !== 'unavailable' && !isD1(ruleEngineOf(address))) {
    return {
      kind: 'not-needed',
      why: `${database.name} in ${environment.name} is not on D1: a rebuild runs there with foreign keys off, and no other table loses rows.`,
    };
  }
  const { run, snapshot } = await readTarget(workspace, environment, target, {
    signal,
    purpose: 'question',
    whenLocked: 'go-on',
  });
  await using engine = run.engine;
  const before = toRunBefore(snapshot.history, migration);
  if (!before) {
    return {
      kind: 'not-possible',
      why: `${environment.name} has run ${migration.tag} already, as a whole or in part: the schema that it met there is no more.`,
    };
  }
  const schema = engine ? await readSchema(engine.query, { bookkeeping: [database.table] }) : { objects: [] };
  return rewritingOf({ migration, before, schema, table: database.table });
}

/** What is still to run there before a migration; undefined when that is not to run itself any more. */
function toRunBefore({ items }: History, { tag }: Migration): readonly Migration[] | undefined {
  const open = items.flatMap((item) =>
    item.kind === 'pending' || item.kind === 'skipped' ? [item.migration] : [],
  );
  const at = open.findIndex((each) => each.tag === tag);
  return at === -1 ? undefined : open.slice(0, at);
}
