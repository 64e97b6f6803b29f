import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { median, run, type Comparison } from './measure.ts';
import { makeProject, ours } from './projects.ts';
import type { BenchOptions } from './run.ts';

const tables = 5000;

/** Two large schemas that differ in one table of a hundred, compared as a person compares two environments. */
export async function drift({ scratch, times }: BenchOptions): Promise<readonly Comparison[]> {
  const directory = join(scratch, 'drift');
  await makeProject({ directory, migrations: 1, environments: ['left', 'right'] });
  fill(join(directory, 'left.db'), () => 'free');
  fill(join(directory, 'right.db'), (number) => (number % 100 === 0 ? 'trial' : 'free'));
  const ran = [];
  for (let turn = 0; turn < times; turn += 1) {
    ran.push(await run([...ours, 'drift', 'left', 'right', '--json'], { cwd: directory }));
  }
  return [
    {
      what: `drift of two schemas of ${tables} tables`,
      ours: median(ran.map(({ took }) => took)),
      unit: 'ms',
      target: { limit: 1000 },
    },
  ];
}

function fill(file: string, plan: (number: number) => string): void {
  using database = new DatabaseSync(file);
  database.exec('BEGIN');
  for (let number = 0; number < tables; number += 1) {
    database.exec(
      `CREATE TABLE t${number} (id integer PRIMARY KEY, name text NOT NULL, plan text DEFAULT '${plan(number)}', t integer REFERENCES t${number} (id))`,
    );
    database.exec(`CREATE INDEX t${number}_name ON t${number} (name)`);
  }
  database.exec('COMMIT');
}
