import { MigrateError } from '../../lib/errors.ts';
import type { DrizzleKit } from '../../project/drizzle/kit.ts';

export interface SnapshotHistory {
  /** The snapshots of a PostgreSQL folder of Drizzle 1.0, as their files have them, by the folder of the migration. */
  readonly snapshots: Readonly<Record<string, unknown>>;
  /** Of the snapshot that is asked for. */
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Has the project's own drizzle-kit put together what a snapshot stands for that says only what changed, through
 * `reconstruct` of its `drizzle-kit/payload/postgres`. It runs in a process of its own.
 *
 * @returns what stands under `ddl` in a snapshot that says everything
 * @throws MigrateError `config` where this drizzle-kit does not
 */
export async function reconstructedDdl(
  { program, version }: DrizzleKit,
  { snapshots, id, signal }: SnapshotHistory,
): Promise<readonly unknown[]> {
  const { execa } = await import('execa');
  const result = await execa(process.execPath, ['--input-type=module', '--eval', script, program], {
    input: JSON.stringify({ snapshots, id }),
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
    extendEnv: false,
    reject: false,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  const ddl = result.exitCode === 0 ? ddlIn(result.stdout) : undefined;
  if (ddl) return ddl;
  const why = /^\w*Error.*: (.+)$/m.exec(result.stderr)?.[1];
  throw new MigrateError(
    'config',
    `drizzle-kit ${version} does not put a whole snapshot together${why === undefined ? '' : `: ${why}`}`,
  );
}

const script = `
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';
const { snapshots, id } = await json(process.stdin);
const { reconstruct } = createRequire(process.argv[1])('drizzle-kit/payload/postgres');
const { ddl } = await reconstruct(snapshots, id);
process.stdout.write(JSON.stringify({ ddl }));
`;

function ddlIn(text: string): readonly unknown[] | undefined {
  const { ddl }: { readonly ddl?: unknown } = JSON.parse(text);
  return Array.isArray(ddl) ? ddl : undefined;
}
