import type { RecoveryCase } from '../../src/operations/reports.ts';
import type { Resident } from '../support/resident.ts';
import type { Kind } from './kinds.ts';
import type { Stand } from './stand.ts';
import type { Tally } from './tally.ts';
import { run } from './ways.ts';

export interface Matrix {
  readonly stand: Stand;
  readonly kind: Kind;
  readonly built: string;
  /** Answers questions; what is carried out is a process of its own. */
  readonly cli: Resident;
  readonly tally: Tally;
  /** Asked of each cell, in order: whether it is in the sample. */
  readonly takes: () => boolean;
}

/** What `recover` says of the target. */
export async function askRecover({
  stand,
  cli,
}: Pick<Matrix, 'stand' | 'cli'>): Promise<readonly RecoveryCase[]> {
  const { root, env } = stand.project;
  const { exitCode, last, stdout, stderr } = await cli.run(['recover', 'staging', '--json'], {
    cwd: root,
    env,
  });
  if (last?.['kind'] !== 'recovery') throw new Error(`recover ended with ${exitCode}: ${stdout}${stderr}`);
  // The program's own document: its schema is held elsewhere.
  const { cases }: { readonly cases: readonly RecoveryCase[] } = JSON.parse(JSON.stringify(last));
  if ((exitCode === 3) !== cases.length > 0)
    throw new Error(`recover ended with ${exitCode} and ${cases.length} cases`);
  return cases;
}

export async function insist(stand: Stand, built: string, ...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await run(stand, built, args);
  if (exitCode !== 0) throw new Error(`${stand.engine}, ${args.join(' ')}: ${stdout}${stderr}`);
}
