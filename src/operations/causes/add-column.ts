import { known, type Suspect } from './failure.ts';

/** What SQLite allows in CREATE TABLE only. */
export const addColumn: Suspect = (failure) => {
  const [, what] =
    /^cannot add a (UNIQUE column|PRIMARY KEY column|STORED column|column with non-constant default|REFERENCES column with non-NULL default value|column to a view)/i.exec(
      failure.message,
    ) ?? [];
  if (what === undefined) return undefined;
  if (what === 'column to a view') {
    return known(
      'It is a view: its columns are those of its SELECT',
      `Drop the view and create it again with the column, in ${failure.migration.tag}.`,
    );
  }
  const instead = Object.hasOwn(ways, what.toUpperCase()) ? ways[what.toUpperCase()] : undefined;
  return known(`SQLite adds no ${what} to a table that has rows`, instead ?? rebuild);
};

const rebuild =
  'Rebuild the table with it: a new table, the rows copied, the old one dropped, the new one renamed.';

const ways: Readonly<Record<string, string>> = {
  'UNIQUE COLUMN': 'Add the plain column, fill it, and create a unique index over it.',
  'COLUMN WITH NON-CONSTANT DEFAULT':
    'Add the column without a default, and fill it with an UPDATE; a rebuild can give it the default.',
  'REFERENCES COLUMN WITH NON-NULL DEFAULT VALUE':
    'Add the column without a default, and fill it with an UPDATE.',
};
