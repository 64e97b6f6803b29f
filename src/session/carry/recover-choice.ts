import { MigrateError } from '../../lib/errors.ts';
import { quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import type { Change } from '../../operations/change.ts';
import { changeCommand } from '../../operations/change-command.ts';
import type { Correction } from '../../operations/history/correction.ts';
import { named } from '../../operations/history/find-migration.ts';
import type { RecoverableCase } from '../../operations/recovery.ts';
import type { WayOut } from '../../operations/ways/way-out.ts';
import { readSnapshot } from '../../runs/snapshot.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { recoverableIn } from '../unfinished/recoverable.ts';
import type { Ground } from './ground.ts';
import { notOffered } from './not-offered.ts';

type RecoverChange = Extract<Change, { kind: 'recover' }>;

/** The way that is taken, with the cases that it ends. */
export interface Chosen {
  readonly prepared: Prepared;
  readonly database: string;
  readonly way: WayOut;
  readonly tags: readonly string[];
  /** The cases in one sentence each. */
  readonly says: string;
  /** Each case with what it rests on, for the record of the run: afterwards nothing shows it any more. */
  readonly found: readonly string[];
  /** What the way does. */
  readonly why: string;
}

interface Found {
  readonly prepared: Prepared;
  readonly found: RecoverableCase;
}

/**
 * Looks anew and finds the way in the one database that offers it. Several migrations whose way only puts records
 * right are taken together; of those whose way runs statements, one has to be named.
 *
 * @throws MigrateError `refused` where nothing offers it, `usage` where it is not clear which is meant
 */
export async function chosenWay(change: RecoverChange, ground: Ground): Promise<Chosen> {
  const all: Found[] = [];
  for (const prepared of ground.prepared) {
    for (const found of await casesIn(prepared, ground)) all.push({ prepared, found });
  }
  const asked = meant(all, change);
  const offered = asked.filter(({ found }) => offers(found, change));
  const [first, ...others] = offered;
  if (!first)
    throw notOffered(
      change,
      asked.map(({ found }) => found.shown),
    );
  const databases = new Set(offered.map(({ prepared }) => prepared.run.database.name));
  if (databases.size > 1) throw severalDatabases(change, databases);
  return others.length === 0 ? one(first, change) : together(offered, change);
}

/** Whether the way would still be offered for one of the cases that it was to end. */
export async function isStillOffered(
  change: RecoverChange,
  ground: Ground,
  { prepared, tags }: Chosen,
): Promise<boolean> {
  const left = await casesIn(prepared, ground);
  return left.some((found) => tags.includes(found.shown.tag) && offers(found, change));
}

/** The target is read anew: what was read when the run was prepared may be a moment old. */
async function casesIn(
  { run }: Prepared,
  { workspace, context }: Ground,
): Promise<readonly RecoverableCase[]> {
  if (!run.engine) return [];
  const { migrations, bookkeeping } = run;
  const snapshot = await readSnapshot(run.engine, { migrations, bookkeeping });
  return recoverableIn(workspace, context.environment, run, {
    engine: run.engine,
    snapshot,
    signal: context.signal,
    own: context.key,
  });
}

function meant(all: readonly Found[], { only }: RecoverChange): readonly Found[] {
  if (only === undefined) return all;
  const tags = new Set(
    named(
      all.map(({ found }) => found.shown),
      only,
    ).map(({ tag }) => tag),
  );
  return all.filter(({ found }) => tags.has(found.shown.tag));
}

function offers({ shown: { options } }: RecoverableCase, { option }: RecoverChange): boolean {
  return options.some(({ id, allowed }) => id === option && allowed);
}

function one({ prepared, found }: Found, { option }: RecoverChange): Chosen {
  const { tag, verdict, database, options } = found.shown;
  const way = found.ways.get(option);
  const why = options.find(({ id }) => id === option)?.why;
  if (!way || why === undefined) throw new Error(`${option} of ${tag} says nothing that it does.`);
  return {
    prepared,
    database,
    way,
    tags: [tag],
    says: `${tag}: ${verdict}.`,
    found: [foundText(found)],
    why,
  };
}

/** What recover said of the case before it was ended. */
function foundText({ shown: { tag, verdict, evidence } }: RecoverableCase): string {
  return [`Found: ${tag}: ${verdict}.`, ...evidence.map(stopped)].join(' ');
}

/** One correction of all their records; where one needs to be answered for, all do. */
function together(offered: readonly Found[], change: RecoverChange): Chosen {
  const all = offered.map((found) => one(found, change));
  const corrections = all.flatMap(({ way }) => (way.kind === 'correct' ? [way] : []));
  const [first] = all;
  if (!first || corrections.length < all.length) throw severalMigrations(change, all);
  const needsAcceptance = corrections.find((way) => way.needsAcceptance)?.needsAcceptance;
  return {
    ...first,
    way: {
      kind: 'correct',
      statements: (now) => joined(corrections.map(({ statements }) => statements(now))),
      ...(needsAcceptance && { needsAcceptance }),
    },
    tags: all.flatMap(({ tags }) => tags),
    says: all.map(({ says }) => says).join(' '),
    found: all.flatMap((each) => each.found),
    why: `${first.why} The same is done for ${quantity(all.length - 1, 'other migration')}.`,
  };
}

/** Each begins with the same guard on the records as they were read: it holds before the first of them alone. */
function joined(corrections: readonly Correction[]): Correction {
  const guards = new Set<string>();
  return corrections.flat().filter(({ role, sql }) => {
    const isRepeated = role === 'guard' && guards.has(sql);
    if (role === 'guard') guards.add(sql);
    return !isRepeated;
  });
}

function severalDatabases(change: RecoverChange, databases: ReadonlySet<string>): MigrateError {
  const [first = ''] = databases;
  return new MigrateError(
    'usage',
    `Several databases of ${change.environment} have a case for ${change.option}. Nothing was changed.`,
    { next: `Name one: ${changeCommand({ ...change, database: first })}` },
  );
}

function severalMigrations(change: RecoverChange, all: readonly Chosen[]): MigrateError {
  const tags = all.flatMap((each) => each.tags);
  return new MigrateError(
    'usage',
    `Several migrations have a case for ${change.option}: ${tags.join(', ')}. Nothing was changed.`,
    { next: `Name the first: ${changeCommand({ ...change, only: tags[0] })}` },
  );
}
