import { commandPerDatabase } from '../../../lib/command-line.ts';
import { quantity } from '../../../lib/numbers.ts';
import type { BackupSummary } from '../../../operations/reports.ts';
import type { Context, RequestOf } from '../../screen.ts';

/** The review of a restore; one of several databases is chosen first. */
export function restoreOf({ environment, id, databases }: BackupSummary): RequestOf<'change'> {
  const words = ['restore', environment, id];
  if (databases.length < 2) return { screen: 'change', environment, words };
  return {
    screen: 'change',
    environment,
    words,
    asks: {
      says: `A restore takes one database of ${environment} back to ${id}. Which one?`,
      title: 'databases',
    },
    sources: databases.map(({ database, tags, tables, rows: all }) => ({
      name: database,
      words: [...words, '--database', database],
      note: `${quantity(tables, 'table')}, ${quantity(all, 'row')}, ${tags.at(-1) ?? 'before the first migration'}`,
      blocked: undefined,
    })),
  };
}

/** What restores it on the command line, one database each. */
export function restoreCommands(
  { environment, id, databases }: BackupSummary,
  { place }: Pick<Context, 'place'>,
): readonly string[] {
  const held = databases.map(({ database }) => database);
  return commandPerDatabase(['restore', environment, id], held, place).map((command) => `npx ${command}`);
}
