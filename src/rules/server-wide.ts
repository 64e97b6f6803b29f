import { namedServerWide } from '../sql/postgres/server-wide.ts';
import type { Rule } from './rule.ts';
import { onPostgres } from './severities.ts';

export const serverWide: Rule = {
  id: 'server-wide',
  title: 'A role or a database is made, changed or dropped.',
  why: 'It belongs to the whole server, with all the databases there: the next environment on the same server finds it there already, and a dry-run in a scratch database would change the server in truth. This tool does not rehearse it.',
  fix: 'Make it by hand, once for each server, and take the statement out of the migration.',
  severity: onPostgres('error'),
  check: ({ statement }) => {
    const what = namedServerWide(statement.sql);
    return what && `${what} changes the whole server, not this database alone.`;
  },
  accepts: [
    {
      given: ['CREATE TABLE t (a int)'],
      sql: ['GRANT SELECT ON t TO public', 'REVOKE ALL ON SCHEMA public FROM public'],
    },
  ],
  rejects: [
    { sql: ['CREATE ROLE reporter'] },
    { sql: ["ALTER DATABASE app SET timezone = 'UTC'"] },
    { sql: ['GRANT reporter TO app'] },
  ],
};
