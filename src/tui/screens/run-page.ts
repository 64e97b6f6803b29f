import { askSql, runsFiles, type SqlOf } from '../present/migration-sql.ts';
import type { RunView } from '../present/run-view.ts';
import type { Effect } from '../screen.ts';

/** What the pages about one run have in common. */
export interface RunPage {
  readonly environment: string;
  /** Undefined: it never got a number. */
  readonly run: number | undefined;
}

/** The databases of a run as one part of the path in the header; none before it told them. */
export function databasesIn({ databases }: Pick<RunView, 'databases'>): readonly string[] {
  return databases.length === 0 ? [] : [databases.join(', ')];
}

/** The whole story of a run, as a file. */
export function reportOf(run: number): Effect {
  return { kind: 'report', args: ['show', String(run), '--report'], name: `run-${run}.md` };
}

const neverRan: Effect = {
  kind: 'say',
  level: 'info',
  text: 'It never became a run: there is nothing to report.',
};

/** What those of their keys lead to that mean the same on each; undefined: it is none of them. */
export function runPageEffects(action: string, { environment, run }: RunPage): readonly Effect[] | undefined {
  switch (action) {
    case 'backups':
      return [{ kind: 'open', request: { screen: 'backups', environment } }];
    case 'open':
      return run === undefined ? [] : [{ kind: 'open', request: { screen: 'run-detail', run } }];
    case 'export':
      return run === undefined ? [neverRan] : [reportOf(run)];
    case 'deploy':
      return [{ kind: 'replace', request: { screen: 'review', environment, begin: 'look' } }];
    case 'runs':
      return [{ kind: 'open', request: { screen: 'runs', environment: undefined } }];
    case 'home':
      return [{ kind: 'home' }];
    case 'back':
      return [{ kind: 'back' }];
    default:
      return undefined;
  }
}

/** Asks for the SQL of a run's first migrations, from the files of today; of the others their numbers have to do. */
export function askSqlOfFirst(
  view: RunView,
  most: number,
  known: SqlOf,
): { readonly sql: SqlOf; readonly effects: readonly Effect[] } {
  let sql = known;
  const effects: Effect[] = [];
  if (!runsFiles(view)) return { sql, effects };
  const { migrations } = view;
  for (const migration of migrations.slice(0, most)) {
    const asked = askSql(sql, migration);
    sql = asked.sql;
    effects.push(...asked.effects);
  }
  return { sql, effects };
}
