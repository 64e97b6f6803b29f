import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rm } from '../../lib/patient-fs.ts';
import { MigrateError } from '../../lib/errors.ts';
import type { Migration } from '../../migrations/migration.ts';
import { readFolder } from '../../migrations/read-folder.ts';
import { copyFolder } from '../../migrations/squash-files.ts';
import { openReplayBase, type ReplayBaseOptions } from '../../runs/replay/replay-points.ts';
import { compareSchemas } from '../../schema/compare.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Dialect } from '../../sql/statement.ts';
import type { Kit } from '../kit/kit-of.ts';

export interface OrderToProve {
  /** In the order that is proposed. */
  readonly migrations: readonly Migration[];
  /** The same, the moved ones where their branch began; undefined where that is not known. */
  readonly asMade: readonly Migration[] | undefined;
  /** The folder with the proposed order. */
  readonly copy: string;
  /** What it is written in. */
  readonly dialect: Dialect;
  readonly kit: Kit | undefined;
  /** For folders of ours. */
  readonly scratch: string;
  readonly how: ReplayBaseOptions;
}

/**
 * Proves that no migration undoes another in the order that is proposed: either it gives the same schema as the order
 * in which they were made, or the one that the schema code says.
 *
 * @throws MigrateError `refused` where one does, or where nothing proves that none does
 */
export async function proveOrder(toProve: OrderToProve): Promise<void> {
  const { migrations, asMade, how } = toProve;
  const proposed = await replayed(migrations, how);
  if ('why' in proposed) {
    throw notPossible(`After the others ${proposed.tag} does not run: ${proposed.why}.`);
  }
  const made = asMade && (await replayed(asMade, how));
  if (made && 'schema' in made && compareSchemas(made.schema, proposed.schema).length === 0) return;
  const asCode = await schemaOfCode(toProve);
  if (asCode === undefined) {
    throw notPossible(
      'In another order they give another schema, and drizzle-kit cannot say which is meant.',
    );
  }
  const other = compareSchemas(asCode, proposed.schema).filter(({ change }) => change !== 'added');
  if (other.length === 0) return;
  const names = other.map(({ type, name }) => `${type} ${name}`).join(', ');
  throw notPossible(`After the others ${names} would not be what the schema code says.`);
}

/** @throws MigrateError `refused` where the folder of a copy does not run from the beginning */
export async function proveRuns(
  { copy, dialect }: Pick<OrderToProve, 'copy' | 'dialect'>,
  how: ReplayBaseOptions,
): Promise<void> {
  const ran = await replayed((await readFolder({ directory: copy, dialect })).migrations, how);
  if ('why' in ran) throw notPossible(`${ran.tag} would not run: ${ran.why}.`);
}

type Replayed = { readonly schema: Schema } | { readonly tag: string; readonly why: string };

async function replayed(migrations: readonly Migration[], how: ReplayBaseOptions): Promise<Replayed> {
  await using base = await openReplayBase(how);
  for (const { tag, statements } of migrations) {
    const refusal = await base.keep(statements);
    if (refusal) return { tag, why: `statement ${refusal.statement}: ${refusal.why}` };
  }
  return { schema: await base.schema() };
}

/** Undefined where drizzle-kit would still write a migration, or cannot be asked. */
async function schemaOfCode({ kit, copy, dialect, scratch, how }: OrderToProve): Promise<Schema | undefined> {
  if (!kit) return undefined;
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const place = await mkdtemp(join(scratch, 'order-'));
  const signal = how.signal;
  const generateIn = (folder: string) =>
    kit.run({ command: ['generate'], out: relative(kit.config.folder, folder), access: 'read', signal });
  try {
    const [beside, fresh] = [join(place, 'beside'), join(place, 'fresh')];
    await copyFolder(copy, beside);
    const { text } = await generateIn(beside);
    if (!/no schema changes/i.test(text)) return undefined;
    await mkdir(fresh);
    await generateIn(fresh);
    const whole = await replayed((await readFolder({ directory: fresh, dialect })).migrations, how);
    return 'schema' in whole ? whole.schema : undefined;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function notPossible(what: string): MigrateError {
  return new MigrateError('refused', `${what} Nothing was changed.`, {
    next: 'By hand: take its SQL file, journal entry and snapshot away, run migrate-tui generate, and put statements that were written by hand into the new file.',
  });
}
