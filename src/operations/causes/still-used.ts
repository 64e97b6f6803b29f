import { known, type Suspect } from './failure.ts';

/** SQLite reads every view, trigger and index again when a table changes its shape, and refuses when one no longer fits. */
export const stillUsed: Suspect = (failure) => {
  const [, kind, name, what, why] =
    /^error in (view|trigger|index) (.+?)(?: after (drop column|rename))?: ([\s\S]+)$/.exec(
      failure.message,
    ) ?? [];
  if (kind !== undefined && name !== undefined) {
    const stale = what === undefined;
    return known(
      stale
        ? `The ${kind} ${name} does not fit the schema any more, and SQLite reads all of them again when a table is changed (${why ?? ''})`
        : `The ${kind} ${name} still uses it`,
      `Drop the ${kind} ${name} before the statement, and create it again after it${stale ? ', as it fits' : ' without what is gone'}, in ${failure.migration.tag}.`,
    );
  }
  const [, key, column] = /^cannot drop (PRIMARY KEY|UNIQUE) column: "?(.+?)"?$/.exec(failure.message) ?? [];
  if (key === undefined || column === undefined) return undefined;
  return known(
    `${column} is ${key === 'UNIQUE' ? 'declared UNIQUE' : 'the primary key'} in the table itself, and SQLite drops no such column`,
    `Rebuild the table without it: a new table, the rows copied, the old one dropped, the new one renamed. drizzle-kit generate writes that from the schema.`,
  );
};
