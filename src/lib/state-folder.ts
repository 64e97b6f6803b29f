import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { sha256 } from './hash.ts';

/**
 * Where this program keeps what belongs to one project and not into it: two projects of the same name differ by
 * the hash of their paths. Nothing is made by asking.
 */
export function stateFolderOf(root: string, env: Readonly<Record<string, string | undefined>>): string {
  return join(stateHome(env), 'migrate-tui', `${basename(root)}-${sha256(root).slice(0, 8)}`);
}

/** https://specifications.freedesktop.org/basedir-spec: a relative value is to be ignored. */
function stateHome(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['XDG_STATE_HOME'];
  if (named !== undefined && isAbsolute(named)) return named;
  return join(env['HOME'] ?? homedir(), '.local', 'state');
}
