import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/engine.ts';
import type { WayOut } from '../../../src/operations/ways/way-out.ts';
import { enforcementFor } from '../../../src/runs/unit/enforcement.ts';
import { fingerprint } from '../../../src/schema/fingerprint.ts';
import { readSchema } from '../../../src/schema/read.ts';
import { contentOf, migrationOf, openHalf, type HalfOn } from '../../support/half-database.ts';
import { randomBase, randomMigration, runnableOf } from '../../support/random-migration.ts';
import { waysFound } from '../../support/ways-found.ts';

const runs = Number(process.env['WAYS_RUNS'] ?? 20);

test.each([
  { on: 'libsql-file', share: 1 },
  { on: 'd1-local', share: 0.4 },
] as const)(
  'every way that is offered ends as if the migration had run once as a whole, or not at all, with every row: $on',
  { timeout: 240_000 },
  async ({ on, share }) => {
    const counted = new Map<string, number>();
    const note = (what: string) => counted.set(what, (counted.get(what) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(randomMigration, async (picked) => {
        const statements = await runnableOf(picked, on);
        for (let after = 0; after < statements.length; after += 1) {
          for (const said of await tried(statements, after, on)) note(said);
        }
      }),
      { numRuns: Math.ceil(runs * share) },
    );
    process.stdout.write(
      `ways that were offered, each led where it has to: ${JSON.stringify(Object.fromEntries(counted))}\n`,
    );
    for (const id of ['resume', 'start-over', 'back-out']) expect(counted.get(id)).toBeGreaterThan(2);
  },
);

/** @returns the ways that were offered, each of which led where it has to */
async function tried(statements: readonly string[], after: number, on: HalfOn): Promise<readonly string[]> {
  const ran = [...randomBase, ...statements.slice(0, after)];
  const migrations = [migrationOf('0000', randomBase), migrationOf('0001', statements)];
  await using half = await openHalf(ran, on);
  const { out } = await waysFound(half, migrations, '0001');
  const all = await stateOf([...randomBase, ...statements], on);
  const none = await stateOf(randomBase, on);
  for (const [id, way] of out.ways) {
    if (way.kind !== 'run' && way.kind !== 'undo') continue;
    await using target = await openHalf(ran, on);
    const refused = await carryOut(target, way);
    const context = { statements, after, id, runs: way.migration.statements.map(({ sql }) => sql) };
    expect({ ...context, refused }).toEqual({ ...context, refused: undefined });
    const expected = way.kind === 'run' ? all : none;
    expect({ ...context, ...(await readState(target)) }).toEqual({ ...context, ...expected });
  }
  return out.ways.size === 0 ? ['none'] : [...out.ways.keys()];
}

/** As the unit of a run does it. */
async function carryOut(
  engine: Engine,
  { migration }: Extract<WayOut, { kind: 'run' | 'undo' }>,
): Promise<string | undefined> {
  const { foreignKeys } = await enforcementFor(engine, migration);
  const outcome = await engine.unit({
    foreignKeys,
    statements: migration.statements.map(({ sql }, at) => ({ sql, role: 'migration', number: at + 1 })),
  });
  return outcome.kind === 'failed'
    ? outcome.error.message
    : outcome.kind === 'committed'
      ? undefined
      : outcome.kind;
}

interface State {
  readonly schema: string;
  readonly content: Record<string, string>;
}

async function stateOf(statements: readonly string[], on: HalfOn): Promise<State> {
  await using engine = await openHalf(statements, on);
  // Awaited here: the engine is closed at the end.
  return await readState(engine);
}

async function readState({ query }: Engine): Promise<State> {
  return { schema: fingerprint(await readSchema(query)), content: await contentOf(query) };
}
