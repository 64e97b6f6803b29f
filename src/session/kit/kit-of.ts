import { MigrateError } from '../../lib/errors.ts';
import { portablePath } from '../../lib/portable-path.ts';
import { safe } from '../../lib/safe-text.ts';
import { findDrizzleKit, kitConfigFor, type DrizzleKit, type KitConfig } from '../../project/drizzle/kit.ts';
import type { Database } from '../../project/project.ts';
import { runKit, type KitRun, type KitSaid } from '../../runs/kit/run-kit.ts';
import type { Workspace } from '../workspace.ts';

/** The project's drizzle-kit, with the configuration of one database. */
export interface Kit {
  readonly tool: DrizzleKit;
  readonly config: KitConfig;
  run(how: Omit<KitRun, 'kit' | 'config' | 'scratch' | 'onTrace'>): Promise<KitSaid>;
}

/** Undefined when no Drizzle configuration writes into the folder. Throws `config` when drizzle-kit is not installed. */
export async function kitOf(
  { options, places, trace }: Workspace,
  database: Database,
  { environment, signal }: { readonly environment?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Kit | undefined> {
  const { cwd, config: file, project, env } = options;
  const config = await kitConfigFor(database, {
    cwd,
    config: file,
    project,
    env,
    signal,
    ...(environment === undefined ? {} : { environment }),
  });
  if (config === undefined) return undefined;
  const tool = findDrizzleKit(config.folder);
  return {
    tool,
    config,
    run: (how) => runKit({ ...how, kit: tool, config, scratch: places.scratch, onTrace: trace.note }),
  };
}

/** The same where there is nothing to do without one. */
export async function kitNeededFor(
  workspace: Workspace,
  database: Database,
  how: { readonly environment?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<Kit> {
  const kit = await kitOf(workspace, database, how);
  if (kit) return kit;
  const folder = portablePath(workspace.project.root, database.directory) || '.';
  throw new MigrateError(
    'config',
    `No Drizzle configuration writes into ${safe(folder, { lines: 'one' })}, the folder of ${database.name}.`,
    {
      next: `Write a drizzle.config.ts with dialect, schema and out: './${safe(folder, { lines: 'one' })}'.${database.bookkeeping === 'numbered' ? staysNumbered : ''}`,
    },
  );
}

/** A Drizzle configuration that names the folder would otherwise decide. */
const staysNumbered =
  " Its records stay in the same table with bookkeeping: 'numbered' of the database in migrate-tui.config. Without drizzle-kit migrate-tui new NAME makes the next file.";
