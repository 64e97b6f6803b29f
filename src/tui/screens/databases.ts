import type { Binding, Context } from '../screen.ts';

/**
 * The keys that lead to another database.
 *
 * @param databasesIn those that the page goes through, in their order
 */
export function databaseBindings<State>(
  databasesIn: (state: State, context: Context) => readonly string[],
): readonly Binding<State>[] {
  const row = (key: string, action: DatabaseAction, which: string): Binding<State> => ({
    keys: [key],
    action,
    label: `${which} database`,
    help: `the ${which} database`,
    group: 'move',
    blocked: (state, context) =>
      databasesIn(state, context).length > 1 ? undefined : 'there is one database only',
  });
  return [row('[', 'database-before', 'previous'), row(']', 'database-after', 'next')];
}

export type DatabaseAction = 'database-before' | 'database-after';

/** The database that one of those keys leads to, round the ends; undefined: there is none. */
export function databaseAfter(
  action: DatabaseAction,
  names: readonly string[],
  current: string | undefined,
): string | undefined {
  const by = action === 'database-before' ? -1 : 1;
  return names.at((names.indexOf(current ?? '') + by) % names.length);
}
