import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import { touchedBy } from '../../../src/operations/diagnosis/diagnosis.ts';
import { partsOf } from '../../../src/schema/parts.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { contentOf, migrationOf, openHalf, runIn } from '../../support/half-database.ts';
import { randomHalfRun, type RandomHalfRun } from '../../support/random-half-run.ts';
import { waysFound } from '../../support/ways-found.ts';
import { enforcementFor } from '../../../src/runs/unit/enforcement.ts';

const runs = Number(process.env['WAYS_RUNS'] ?? 25);

test(
  'beside drift and another unfinished migration, a way ends in the schema it has to and leaves all other rows alone',
  { timeout: 120_000 },
  async () => {
    let offered = 0;
    await fc.assert(
      fc.asyncProperty(randomHalfRun, async (half) => {
        for (const tag of ['0001', '0003']) offered += await tried(half, tag);
      }),
      { numRuns: runs },
    );
    expect(offered).toBeGreaterThan(10);
  },
);

/** @returns how many ways were offered, each of which led where it has to */
async function tried(half: RandomHalfRun, tag: string): Promise<number> {
  const ran = await runOf(half);
  const migrations = [
    migrationOf('0000', half.base),
    migrationOf('0001', half.first.statements),
    migrationOf('0002', half.recorded),
    migrationOf('0003', half.second.statements),
  ].filter(({ statements }) => statements.length > 0);
  if (!migrations.some((each) => each.tag === tag)) return 0;
  await using target = await openHalf(ran);
  const other = tag === '0001' ? '0003' : '0001';
  const { out, input } = await waysFound(target, migrations, tag, { alsoOpen: other });
  const before = await contentOf(target.query);
  let offered = 0;
  for (const [id, way] of out.ways) {
    if (way.kind !== 'run' && way.kind !== 'undo') continue;
    await using copy = await openHalf(ran);
    const { foreignKeys } = await enforcementFor(copy, way.migration);
    const statements = way.migration.statements.map(({ sql }, at) => ({
      sql,
      role: 'migration' as const,
      number: at + 1,
    }));
    const outcome = await copy.unit({ foreignKeys, statements });
    const context = { tag, id, ran, runs: statements.map(({ sql }) => sql) };
    // Rows that drift or the other migration put there may be in its way: then all of it is undone.
    if (outcome.kind !== 'committed') {
      expect({ ...context, kind: outcome.kind }).toEqual({ ...context, kind: 'failed' });
      continue;
    }
    const goal = input.half?.points[way.kind === 'run' ? input.migration.statements.length : 0];
    const touched = touchedBy((input.half?.points ?? []).map(partsOf));
    if (goal)
      expect({ ...context, ...(await differing(copy, partsOf(goal), touched)) }).toEqual({ ...context });
    const after = await contentOf(copy.query);
    for (const table of untouched(before, input.migration.statements)) {
      expect({ ...context, table, rows: after[table] }).toEqual({ ...context, table, rows: before[table] });
    }
    offered += 1;
  }
  return offered;
}

/** The statements that ran in the target, in their order. */
async function runOf(half: RandomHalfRun): Promise<readonly string[]> {
  await using engine = await openHalf([]);
  const ran: string[] = [];
  const run = async (sql: string) => {
    const failed = (await runIn(engine, sql)) !== undefined;
    if (!failed) ran.push(sql);
    return !failed;
  };
  for (const sql of [...half.base, ...half.drift]) await run(sql);
  if (half.recordedRan === 'before') for (const sql of half.recorded) await run(sql);
  const left = {
    first: half.first.statements.slice(0, half.first.after),
    second: half.second.statements.slice(0, half.second.after),
  };
  const turns = [...half.turns, ...left.first.map(() => true), ...left.second.map(() => false)];
  for (const isFirst of turns) {
    const which = isFirst ? 'first' : 'second';
    const [next, ...others] = left[which];
    if (next === undefined) continue;
    // One that fails ends there, as it would for whoever runs it.
    left[which] = (await run(next)) ? others : [];
  }
  if (half.recordedRan === 'after') for (const sql of half.recorded) await run(sql);
  return ran;
}

async function differing(
  engine: Engine,
  goal: ReturnType<typeof partsOf>,
  touched: ReadonlySet<string>,
): Promise<{ readonly differs?: string }> {
  const end = partsOf(await readSchema(engine.query));
  const key = [...touched].find((each) => end.get(each)?.value !== goal.get(each)?.value);
  return key === undefined ? {} : { differs: key };
}

function untouched(
  content: Readonly<Record<string, string>>,
  statements: readonly { readonly sql: string }[],
): readonly string[] {
  return Object.keys(content).filter((table) => !statements.some(({ sql }) => sql.includes(table)));
}
