import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { median, run, type Comparison } from './measure.ts';
import { makeProject, ours } from './projects.ts';
import type { BenchOptions } from './run.ts';

const migrations = 2000;

/** A long history of which nothing is recorded, stopped inside its last migration or half-way: each is replayed. */
export async function recover({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'recover');
  const environments = ['whole', 'half'] as const;
  await makeProject({ directory, migrations, environments });
  const statements = await statementsIn(join(directory, 'drizzle'));
  const until = { whole: statements.length - 1, half: statements.length / 2 - 1 };
  const measured: Comparison[] = [];
  for (const environment of environments) {
    fill(join(directory, `${environment}.db`), statements.slice(0, until[environment]));
    const ran = [];
    for (let turn = 0; turn < Math.min(times, 3); turn += 1) {
      ran.push(await run([...ours, 'recover', environment, '--json'], { cwd: directory, expect: [3] }));
    }
    const what = `recover of ${migrations} migrations without a record, ${environment}`;
    measured.push(
      { what, ours: median(ran.map(({ took }) => took)), unit: 'ms', target: { limit: 10_000 } },
      { what, ours: median(ran.map(({ memory }) => memory / 1e6)), unit: 'MB', target: { limit: 300 } },
    );
  }
  return measured;
}

async function statementsIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => text.split('--> statement-breakpoint'));
}

function fill(file: string, statements: readonly string[]): void {
  using database = new DatabaseSync(file);
  database.exec(`BEGIN; ${statements.join('\n')} COMMIT`);
}
