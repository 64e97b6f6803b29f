import { MigrateError } from '../../lib/errors.ts';
import { objectTypes } from '../../sql/object-types.ts';
import type { MakingStep, Schema, SchemaObject } from '../schema.ts';

/**
 * A PostgreSQL schema as statements that make it in an empty database. All of it runs in one transaction, in this
 * order: `settings`, `beforeRows`, the rows, `afterRows`.
 */
export interface SchemaScript {
  /** Of the transaction: names are looked for in `public`, and bodies of functions are not looked into. */
  readonly settings: readonly string[];
  readonly beforeRows: readonly string[];
  readonly afterRows: readonly string[];
}

/** The statements that make a schema, in an order that runs; the same for the same schema. */
export function schemaStatements({ objects }: Schema): SchemaScript {
  const steps = objects.toSorted(byRank).flatMap(({ making = [] }) => making);
  const ordered = inOrder(steps);
  const early = closure(
    steps.filter(({ phase }) => phase === 'before-rows'),
    steps,
  );
  const sqlOf = (chosen: readonly MakingStep[]) => chosen.map(({ sql }) => sql);
  return {
    settings,
    beforeRows: sqlOf(ordered.filter((step) => early.has(step))),
    afterRows: sqlOf(ordered.filter((step) => !early.has(step))),
  };
}

const settings: SchemaScript['settings'] = [
  'SET LOCAL search_path = public',
  'SET LOCAL check_function_bodies = off',
];

/** What the needs say goes before. */
function byRank(left: SchemaObject, right: SchemaObject): number {
  return objectTypes.indexOf(left.type) - objectTypes.indexOf(right.type);
}

/** Each step after what it needs, else as given. */
function inOrder(steps: readonly MakingStep[]): readonly MakingStep[] {
  const makers = makersOf(steps);
  const ordered = new Set<MakingStep>();
  const open: MakingStep[] = [];
  const visit = (step: MakingStep): void => {
    if (ordered.has(step)) return;
    if (open.includes(step)) throw circle([...open.slice(open.indexOf(step)), step]);
    open.push(step);
    for (const needed of neededBy(step, makers)) visit(needed);
    open.pop();
    ordered.add(step);
  };
  for (const step of steps) visit(step);
  return [...ordered];
}

function closure(wanted: readonly MakingStep[], steps: readonly MakingStep[]): ReadonlySet<MakingStep> {
  const makers = makersOf(steps);
  const found = new Set<MakingStep>();
  const open = [...wanted];
  for (let step = open.pop(); step; step = open.pop()) {
    if (found.has(step)) continue;
    found.add(step);
    open.push(...neededBy(step, makers));
  }
  return found;
}

function makersOf(steps: readonly MakingStep[]): ReadonlyMap<string, MakingStep> {
  return new Map(steps.flatMap((step) => step.ids.map((id) => [id, step])));
}

/** What nothing makes is there already: the server's own, an extension's. */
function neededBy(step: MakingStep, makers: ReadonlyMap<string, MakingStep>): readonly MakingStep[] {
  const found = step.needs.flatMap((id) => makers.get(id) ?? []);
  return found.filter((needed) => needed !== step);
}

function circle(steps: readonly MakingStep[]): MigrateError {
  const lines = steps.map(({ sql }) => sql.split('\n', 1)[0] ?? sql);
  return new MigrateError(
    'refused',
    `These need one another, so that none can be made first: ${lines.join('; ')}.`,
    {
      next: 'Break the circle, or take the backup with pg_dump (backup: external).',
    },
  );
}
