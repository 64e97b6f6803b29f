import { MigrateError } from '../../lib/errors.ts';
import { duration, quantity } from '../../lib/numbers.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { HistoryItem } from '../../operations/history/history.ts';
import type { Database, Environment } from '../../project/project.ts';
import { readSnapshot } from '../../runs/snapshot.ts';
import { readKnowledge, unitOf } from '../knowledge.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Which migrations may not run yet because the environment before this one does not have them, or not for long
 * enough. By tag, with the reason in words. Empty without `after`.
 */
export async function waitingFor(
  workspace: Workspace,
  { after, soak }: Environment,
  database: Database,
  migrations: readonly Migration[],
): Promise<ReadonlyMap<string, string>> {
  if (after === undefined) return new Map();
  const there = await appliedThere(workspace, workspace.environment(after), database);
  if (there === undefined) return new Map();
  if (there.kind === 'unreachable') {
    return new Map(migrations.map(({ tag }) => [tag, `${after} does not answer: ${there.why}`]));
  }
  return new Map(
    migrations.flatMap(({ tag }) => {
      const why = reason(there.appliedAt, tag, { after, soak, now: Date.now() });
      return why === undefined ? [] : [[tag, why] as const];
    }),
  );
}

/**
 * Without `after` any order is allowed; what the environment before this one does not have yet is said.
 * One that does not answer holds nothing up.
 */
export async function skipsOf(
  workspace: Workspace,
  { name, after }: Environment,
  database: Database,
  selected: readonly Migration[],
): Promise<readonly string[]> {
  const { environments } = workspace.project;
  const before = environments[environments.findIndex((one) => one.name === name) - 1];
  if (after !== undefined || before === undefined || selected.length === 0) return [];
  const there = await appliedThere(workspace, before, database);
  if (there?.kind !== 'read') return [];
  const missing = selected.filter(({ tag }) => !there.appliedAt.has(tag)).map(({ tag }) => tag);
  const [first] = missing;
  if (first === undefined) return [];
  return [
    `${before.name} does not have ${missing.length === 1 ? first : quantity(missing.length, 'of these migrations', 'of these migrations')} yet; ${name} comes after it in the order of promotion.`,
  ];
}

type There =
  | { readonly kind: 'unreachable'; readonly why: string }
  /** By tag; undefined: applied at a time that nothing recorded. */
  | { readonly kind: 'read'; readonly appliedAt: ReadonlyMap<string, number | undefined> };

async function appliedThere(
  workspace: Workspace,
  environment: Environment,
  database: Database,
): Promise<There | undefined> {
  const target = workspace
    .targetsOf(environment, undefined)
    .find((one) => one.database.name === database.name);
  if (!target) return undefined;
  const { migrations } = await workspace.folderOf(database);
  try {
    const knowledge = await readKnowledge(workspace);
    const how = { purpose: 'question', ifMissing: 'refuse' } as const;
    await using engine = await workspace.open(target.target, environment, how);
    const bookkeeping = await workspace.bookkeepingOf(database);
    const { history } = await readSnapshot(engine, { migrations, bookkeeping });
    const endedAt = (tag: string) =>
      unitOf(knowledge, { environment: environment.name, database: database.name, tag })?.endedAt ??
      undefined;
    return { kind: 'read', appliedAt: new Map(history.items.flatMap((item) => timesIn(item, endedAt))) };
  } catch (error) {
    if (error instanceof MigrateError) return { kind: 'unreachable', why: error.message };
    throw error;
  }
}

/**
 * When an applied migration was, as its record says or else our own; where it is a squashed file, so was all that it
 * stands for.
 */
function timesIn(
  item: HistoryItem,
  endedAt: (tag: string) => number | undefined,
): readonly (readonly [string, number | undefined])[] {
  if (item.kind !== 'applied' && item.kind !== 'changed') return [];
  const { tag, squashed } = item.migration;
  const at = item.entry.appliedAt ?? endedAt(tag);
  return [...(squashed?.migrations ?? []), { tag }].map((one) => [one.tag, at]);
}

function reason(
  appliedAt: ReadonlyMap<string, number | undefined>,
  tag: string,
  { after, soak, now }: { readonly after: string; readonly soak: number; readonly now: number },
): string | undefined {
  if (!appliedAt.has(tag)) return `not on ${after} yet`;
  if (soak === 0) return undefined;
  const at = appliedAt.get(tag);
  if (at === undefined)
    return `on ${after} since a time that nothing recorded; ${duration(soak)} there are not proven`;
  if (now - at >= soak) return undefined;
  const from = new Date(at + soak).toISOString().slice(0, 16).replace('T', ' ');
  return `on ${after} for ${duration(now - at)} of ${duration(soak)}, may run from ${from} UTC`;
}
