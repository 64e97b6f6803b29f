import { isServed } from '../../engines/d1/is-served.ts';
import type { TargetDatabase } from '../workspace.ts';

/**
 * What to know when a dev server has a local D1 open; nothing stands in the way of a change then. Asked before this
 * process opens the database, as afterwards it cannot be told.
 */
export async function devServerNotice({ database, target }: TargetDatabase): Promise<readonly string[]> {
  const { address } = target;
  if (address.kind !== 'd1-local' || (await isServed(address.path)) !== 'yes') return [];
  return [
    `Another program, such as a dev server, has ${database.name} open. It sees at once what is committed; a request to it that meets the run at work fails with "database is locked" and can be sent again.`,
  ];
}
