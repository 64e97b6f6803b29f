import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Migration } from '../../../src/migrations/migration.ts';
import { sayDiagnosis } from '../../../src/operations/diagnosis/words.ts';
import type { Diagnosis } from '../../../src/operations/diagnosis/diagnosis.ts';
import { diagnose, type DiagnoseInput } from '../../../src/runs/diagnosis/diagnose.ts';
import { readSchema } from '../../../src/schema/read.ts';
import type { Query } from '../../../src/sql/statement.ts';
import { openMemory } from '../../schema/open-memory.ts';
import { randomHalfRun, type RandomHalfRun } from '../../support/random-half-run.ts';

const runs = 200;

test(
  'where others stopped is never told wrongly, whatever they ran and whatever else was done by hand',
  { timeout: 120_000 },
  async () => {
    const counted = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(randomHalfRun, async (half) => {
        for (const { said, wrong } of await judged(half)) {
          expect(wrong).toBeUndefined();
          counted.set(said, (counted.get(said) ?? 0) + 1);
        }
      }),
      { numRuns: runs },
    );
    const all = [...counted.values()].reduce((sum, count) => sum + count, 0);
    const undecided = (counted.get('undecided') ?? 0) + (counted.get('cannot-replay') ?? 0);
    process.stdout.write(
      `${all} half runs, 0 wrong, ${((100 * undecided) / all).toFixed(1)} % undecided: ${JSON.stringify(Object.fromEntries(counted))}\n`,
    );
    expect(undecided / all).toBeLessThan(0.25);
  },
);

interface Judged {
  readonly said: Diagnosis['kind'];
  readonly wrong: string | undefined;
}

/** Runs the parts in a target with rows, and compares what is said of each with what was run. */
async function judged(half: RandomHalfRun): Promise<readonly Judged[]> {
  await using target = await openMemory(half.base);
  const { query } = target;
  const ran = [...half.base];
  const run = async (sql: string) => {
    const lasts = await lasting(query, target.run, sql);
    if (lasts !== undefined) ran.push(sql);
    return lasts;
  };
  for (const sql of half.drift) await run(sql);
  if (half.recordedRan === 'before') for (const sql of half.recorded) await run(sql);
  const backup = await readSchema(query);
  const first: Progress = { ...half.first, lasts: [] };
  const second: Progress = { ...half.second, lasts: [] };
  // One that fails ends there, as it would for whoever runs it.
  for (const isFirst of half.turns) await advance(isFirst ? first : second, run);
  for (const each of [first, second]) while (await advance(each, run));
  if (half.recordedRan === 'after') for (const sql of half.recorded) await run(sql);
  const input: DiagnoseInput = {
    migrations: [
      migrationOf('0000', half.base),
      migrationOf('0001', first.statements),
      migrationOf('0002', half.recorded),
      migrationOf('0003', second.statements),
    ],
    recorded: new Set(['0000', '0002']),
    doubted: new Set(['0000', '0002']),
    target: await readSchema(query),
    like: 'libsql-file',
    bookkeeping: '__drizzle_migrations',
  };
  const has = new Set(half.recordedRan === 'before' ? ['0000', '0002'] : ['0000']);
  const told = [await diagnose(input), await diagnose({ ...input, from: { schema: backup, has } })];
  const stopped = [first, second].map(({ lasts }) => lasts.length);
  for (const each of [first, second]) {
    await using copy = await openMemory(ran);
    await rest(each, (sql) => lasting(copy.query, copy.run, sql));
  }
  // A rebuild that was written before it takes away what it made, when it runs later.
  const isThere = input.target.objects.some(
    ({ name, normal }) => name === 'recorded' || (name === 'posts' && normal.includes('recorded')),
  );
  for (const tag of isThere ? ['0000', '0002'] : ['0000'])
    for (const found of told) expect(found.get(tag)?.diagnosis, `${tag} ran`).toBeUndefined();
  return told.flatMap((found) =>
    [first, second].flatMap((each, at) => {
      if (each.statements.length === 0) return [];
      return [judgedOne(found, at === 0 ? '0001' : '0003', each, stopped[at] ?? 0)];
    }),
  );
}

function judgedOne(
  found: Awaited<ReturnType<typeof diagnose>>,
  tag: string,
  progress: Progress,
  truth: number,
): Judged {
  const diagnosis = found.get(tag)?.diagnosis;
  if (!diagnosis) throw new Error(`Nothing was said of ${tag}`);
  const points = pointsOf(diagnosis, progress.statements.length);
  const isRight = points.some((point) => isSame(progress, point, truth));
  const wrong = isRight
    ? undefined
    : `${tag} stopped after ${truth}, and was said: ${sayDiagnosis(diagnosis)}`;
  return { said: diagnosis.kind, wrong };
}

interface Progress {
  readonly statements: readonly string[];
  readonly after: number;
  /** Of each statement that ran, whether it changed anything in the file. */
  readonly lasts: boolean[];
  failed?: true;
}

type Run = (sql: string) => Promise<boolean | undefined>;

async function advance(of: Progress, run: Run): Promise<boolean> {
  const sql = of.statements[of.lasts.length];
  if (of.failed || of.lasts.length >= of.after || sql === undefined) return false;
  const lasts = await run(sql);
  if (lasts === undefined) of.failed = true;
  else of.lasts.push(lasts);
  return lasts !== undefined;
}

/** What has not run is run now, only to learn whether it would have changed anything. */
async function rest(of: Progress, run: Run): Promise<void> {
  for (const sql of of.statements.slice(of.lasts.length)) of.lasts.push((await run(sql)) ?? true);
}

/** @returns whether the file's content is another one; undefined when the statement failed */
async function lasting(
  query: Query,
  run: (sql: string) => Promise<void>,
  sql: string,
): Promise<boolean | undefined> {
  const before = await content(query);
  try {
    await run(sql);
  } catch {
    return undefined;
  }
  return (await content(query)) !== before;
}

async function content(query: Query): Promise<string> {
  const objects = await query({ sql: 'SELECT type, name, sql FROM sqlite_schema ORDER BY name' });
  const rows = [];
  for (const { type, name } of objects) {
    if (type === 'table') rows.push(await query({ sql: `SELECT * FROM "${String(name)}"` }));
  }
  return JSON.stringify([objects, rows], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

/** Two points are the same when nothing between them changes anything. */
function isSame({ lasts }: Progress, point: number, truth: number): boolean {
  return !lasts.slice(Math.min(point, truth), Math.max(point, truth)).includes(true);
}

function pointsOf(diagnosis: Diagnosis, of: number): readonly number[] {
  const all = Array.from({ length: of + 1 }, (_, point) => point);
  switch (diagnosis.kind) {
    case 'not-started':
      return [0];
    case 'stopped':
      return [diagnosis.after];
    case 'one-of':
      return diagnosis.points;
    case 'schema-complete':
      return all.slice(diagnosis.from);
    case 'unrecorded':
      return [of];
    case 'recorded-not-there':
      return [];
    case 'undecided':
    case 'cannot-replay':
    case 'running-elsewhere':
    case 'session-left':
      return all;
  }
}

function migrationOf(tag: string, chunks: readonly string[]): Migration {
  return {
    tag,
    hash: tag,
    when: Number(tag),
    file: `/${tag}.sql`,
    statements: chunks.map((sql) => ({ sql, line: 1 })),
  };
}
