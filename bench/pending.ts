import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns, run, type Comparison, type Contender } from './measure.ts';
import { makeProject, ours, peer, root } from './projects.ts';
import type { BenchOptions } from './run.ts';

const migrations = 200;

/** 200 pending migrations on one SQLite file. Ours and dbmate: one transaction each; Drizzle: one for all. */
export async function pending({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'pending');
  await makeProject({ directory, migrations, environments: ['local'] });
  const raw = await inTurns(contenders(directory), times);
  const medianOf = (name: string) => raw.get(name) ?? Number.NaN;
  const apply = medianOf('ours');
  const against = (name: string, ratio?: number): Comparison => ({
    what: `${migrations} pending on SQLite`,
    ours: apply,
    peer: { name, median: medianOf(name) },
    unit: 'ms',
    ...(ratio === undefined ? {} : { target: { ratio } }),
  });
  return [
    against('dbmate up', 1),
    against(durable, 1),
    against('drizzle-kit migrate', 1.2),
    against('drizzle-orm script'),
    against('raw transactions'),
    {
      what: `${migrations} bare transactions through libSQL's binding, nothing around them`,
      ours: medianOf(bare),
      peer: { name: 'dbmate up', median: medianOf('dbmate up') },
      unit: 'ms',
    },
    {
      what: 'over raw transactions, a migration, with the start of the process',
      ours: (apply - medianOf('raw transactions')) / migrations,
      unit: 'ms',
    },
    {
      what: 'over raw transactions, a migration',
      ours: (apply - medianOf(nothing) - (medianOf('raw transactions') - medianOf(rawNothing))) / migrations,
      unit: 'ms',
      target: { limit: 1 },
    },
  ];
}

const bare = 'bare transactions';
const nothing = 'ours, nothing pending';
const rawNothing = 'raw transactions, none';

// dbmate opens SQLite with synchronous=NORMAL, one fsync less a transaction than SQLite and libSQL by themselves.
const durable = 'dbmate up, synchronous=FULL as ours';

function dbmate(url: string): readonly string[] {
  return [
    ...peer('dbmate/dist/cli.js'),
    '--url',
    url,
    '--migrations-dir',
    'dbmate',
    '--no-dump-schema',
    'up',
  ];
}

function contenders(directory: string): readonly Contender[] {
  const file = join(directory, 'local.db');
  const folder = join(directory, 'drizzle');
  const script = (name: string) => [process.execPath, join(root, 'bench/peers', name), file, folder];
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['ours', [...ours, 'apply', 'local', '--yes', '--json']],
    ['dbmate up', dbmate(`sqlite:${file}`)],
    [durable, dbmate(`sqlite:${file}?_synchronous=FULL`)],
    ['drizzle-kit migrate', [...peer('drizzle-kit/bin.cjs'), 'migrate']],
    ['drizzle-orm script', script('drizzle-orm.ts')],
    ['raw transactions', script('raw-transactions.ts')],
    [bare, script('bare-binding.ts')],
  ];
  const clear = () => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
  };
  const timed = async (command: readonly string[]) => (await run(command, { cwd: directory })).took;
  const apply = [...ours, 'apply', 'local', '--yes', '--json'];
  return [
    ...commands.map(([name, command]) => ({
      name,
      run: () => {
        clear();
        return timed(command);
      },
    })),
    {
      name: nothing,
      run: async () => {
        clear();
        await timed(apply);
        return timed(apply);
      },
    },
    {
      name: rawNothing,
      run: () => {
        clear();
        return timed([
          process.execPath,
          join(root, 'bench/peers/raw-transactions.ts'),
          file,
          emptyFolder(directory),
        ]);
      },
    },
  ];
}

/** A migration folder without migrations. */
function emptyFolder(directory: string): string {
  const folder = join(directory, 'none');
  mkdirSync(join(folder, 'meta'), { recursive: true });
  writeFileSync(
    join(folder, 'meta/_journal.json'),
    JSON.stringify({ version: '7', dialect: 'sqlite', entries: [] }),
  );
  return folder;
}
