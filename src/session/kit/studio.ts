import { MigrateError } from '../../lib/errors.ts';
import type { Safe } from '../../lib/safe-text.ts';
import type { Environment } from '../../project/project.ts';
import type { Workspace } from '../workspace.ts';
import { kitAddress } from './credentials.ts';
import { kitFailure } from '../../runs/kit/failure.ts';
import { kitNeededFor } from './kit-of.ts';
import { oneTarget } from './one-database.ts';

export interface WantedStudio {
  readonly environment: string;
  readonly database: string | undefined;
  readonly port: string | undefined;
  /** The environment that was named in consent. */
  readonly confirmed: string | undefined;
  readonly onLine: (line: Safe) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Runs the project's own Drizzle Studio on an environment until the signal comes.
 *
 * @throws MigrateError `protected`, `not-confirmed`: rows can be changed in it
 */
export async function studio(workspace: Workspace, wanted: WantedStudio): Promise<void> {
  const environment = workspace.environment(wanted.environment);
  refuseUnconfirmed(environment, wanted.confirmed);
  const target = oneTarget(workspace, environment, wanted.database);
  const { port, onLine, signal } = wanted;
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new MigrateError('usage', `--port ${JSON.stringify(port)} is no number.`, {
      next: 'Write --port 4983.',
    });
  }
  const kit = await kitNeededFor(workspace, target.database, { environment: environment.name, signal });
  const { credentials, instead } = await kitAddress(target.target, environment, signal);
  // On this machine only, whatever drizzle-kit takes for its default.
  const command = ['studio', '--host', '127.0.0.1', ...(port === undefined ? [] : ['--port', port])];
  try {
    const said = await kit.run({
      command,
      credentials,
      instead,
      environment: environment.name,
      access: 'write',
      onLine,
      signal,
    });
    throw kitFailure('studio', said, { root: workspace.project.root });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function refuseUnconfirmed(
  { name, protected: isProtected, readOnly }: Environment,
  confirmed: string | undefined,
): void {
  if (readOnly) {
    throw new MigrateError('protected', `${name} is read-only by the config, and Studio can change rows.`, {
      next: `migrate-tui query ${name} 'SELECT …' only reads.`,
    });
  }
  if (!isProtected || confirmed === name) return;
  throw new MigrateError('not-confirmed', `${name} is protected, and Studio can change rows.`, {
    next: `migrate-tui query ${name} 'SELECT …' only reads. Or run: migrate-tui studio ${name} --confirm ${name}`,
  });
}
