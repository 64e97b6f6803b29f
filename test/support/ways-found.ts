import type { Engine } from '../../src/engines/engine.ts';
import type { Migration } from '../../src/migrations/migration.ts';
import type { Diagnosed } from '../../src/operations/diagnosis/diagnosis.ts';
import { factsToAsk } from '../../src/operations/ways/facts.ts';
import { halfRunOf } from '../../src/operations/ways/half-run.ts';
import type { WaysInput } from '../../src/operations/ways/input.ts';
import { waysOutOf } from '../../src/operations/ways/open-ways.ts';
import type { Backups } from '../../src/operations/ways/restore.ts';
import { shownWays, type WaysOut } from '../../src/operations/ways/shown-ways.ts';
import { drizzleBookkeeping } from '../../src/bookkeeping/drizzle.ts';
import { askFacts } from '../../src/runs/ask-facts.ts';
import { diagnose } from '../../src/runs/diagnosis/diagnose.ts';
import { disprovenWays } from '../../src/runs/replay/prove-way.ts';
import { readSchema } from '../../src/schema/read.ts';

export interface Found {
  readonly diagnosed: Diagnosed;
  readonly input: WaysInput;
  readonly out: WaysOut;
}

/** What `recover` finds of a migration in a database in which a part of it ran. */
export async function waysFound(
  engine: Engine,
  migrations: readonly Migration[],
  tag: string,
  more: Partial<Pick<WaysInput, 'backups' | 'foreignKeys' | 'entry'>> & {
    readonly diagnosed?: Partial<Diagnosed>;
    /** Another one without a record. */
    readonly alsoOpen?: string;
  } = {},
): Promise<Found> {
  const target = await readSchema(engine.query);
  const like = engine.name === 'd1-local' ? 'd1-local' : 'libsql-file';
  const bookkeeping = '__drizzle_migrations';
  const recorded = new Set(
    migrations.filter((each) => each.tag !== tag && each.tag !== more.alsoOpen).map((each) => each.tag),
  );
  const found = await diagnose({ migrations, recorded, target, like, bookkeeping });
  const told = found.get(tag);
  const migration = migrations.find((each) => each.tag === tag);
  if (!told || !migration) throw new Error(`Nothing was said of ${tag}`);
  const diagnosed = { ...told, ...more.diagnosed };
  const input = await inputOf(engine, migration, diagnosed, more);
  const proofs = new Map(
    waysOutOf(input).flatMap((option) =>
      option.kind === 'open' && option.proof ? [[option.id, option.proof] as const] : [],
    ),
  );
  const { half } = input;
  const disproven = half
    ? await disprovenWays({ from: target, points: half.points, proofs, like, bookkeeping })
    : new Map<string, string>();
  return { diagnosed, input, out: shownWays(input, disproven) };
}

async function inputOf(
  engine: Engine,
  migration: Migration,
  diagnosed: Diagnosed,
  more: Partial<Pick<WaysInput, 'backups' | 'foreignKeys' | 'entry'>>,
): Promise<WaysInput> {
  const half = halfRunOf(migration, diagnosed);
  const none: Backups = { kind: 'none', why: 'none-kept' };
  return {
    environment: 'dev',
    migration,
    diagnosed,
    half,
    facts: half
      ? await askFacts(engine.query, factsToAsk(half))
      : { rows: new Map(), filled: new Map(), lost: new Map() },
    backups: more.backups ?? none,
    bookkeeping: drizzleBookkeeping({ format: 'drizzle-0', table: '__drizzle_migrations' }),
    entries: [],
    entry: more.entry,
    passedOver: [],
    foreignKeys: more.foreignKeys ?? engine.foreignKeys,
    now: new Date('2026-11-20T14:00:00Z'),
  };
}
