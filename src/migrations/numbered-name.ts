/** What a migration that goes by a number says with its name. */
export interface NumberedName {
  /** The name without `.sql` or `.up.sql`. */
  readonly tag: string;
  readonly number: bigint;
  /** The number as it is written: `0001`. */
  readonly digits: string;
  /** What stands after it: `users` of `0001_users`; empty where nothing does. */
  readonly title: string;
}

/**
 * Reads `0001_users.sql`, `1-users.sql` or `20240101120000.sql`, with or without the ending; undefined for a name that
 * does not begin with a number of its own: in `2fa_tables.sql` the 2 is part of a word.
 */
export function numberedName(name: string): NumberedName | undefined {
  const tag = name.replace(/(?:\.up)?\.sql$/, '');
  const [, digits, title = ''] = /^(\d+)(?:[-_. ](.*))?$/s.exec(tag) ?? [];
  return digits === undefined ? undefined : { tag, number: BigInt(digits), digits, title };
}
