import {
  askNextSql,
  knownSql,
  noSql,
  runsFiles,
  settledSql,
  withSql,
  type SqlOf,
} from '../present/migration-sql.ts';
import type { RunView } from '../present/run-view.ts';
import type { Effect, Message, Step } from '../screen.ts';

/** What the pages about one run have in common. */
export interface RunPage {
  readonly environment: string;
  /** Undefined: it never got a number. */
  readonly run: number | undefined;
  /** What was read of its statements: those of a way out stand in no file. */
  readonly sql?: SqlOf;
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
export function runPageEffects(
  action: string,
  { environment, run, sql = noSql }: RunPage,
): readonly Effect[] | undefined {
  switch (action) {
    case 'backups':
      return [{ kind: 'open', request: { screen: 'backups', environment } }];
    case 'open':
      return run === undefined
        ? []
        : [{ kind: 'open', request: { screen: 'run-detail', run, sql: knownSql(sql) } }];
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

/** Which of its migrations a page shows the SQL of. */
type Wanted = (view: RunView) => RunView['migrations'];

interface WithSql {
  readonly sql: SqlOf;
  /** Undefined until it was read. */
  readonly view: RunView | undefined;
}

/**
 * Asks for the SQL of some of a run's migrations, from the files of today and one after the other; of the others their
 * numbers have to do.
 */
export function withSqlAsked<State extends WithSql>(state: State, wanted: Wanted): Step<State> {
  const { view } = state;
  if (view === undefined || !runsFiles(view)) return { state };
  const { sql, effects } = askNextSql(state.sql, wanted(view));
  return { state: { ...state, sql }, effects };
}

/** What an answer about a migration tells, and the next question once it has ended; undefined: it is about something else. */
export function heardSql<State extends WithSql>(
  state: State,
  message: Message,
  wanted: Wanted,
): Step<State> | undefined {
  if (message.kind === 'answer' && message.report.kind === 'migration')
    return { state: { ...state, sql: withSql(state.sql, message.report) } };
  if (message.kind === 'ended' && message.id.startsWith('sql '))
    return withSqlAsked({ ...state, sql: settledSql(state.sql, message.id) }, wanted);
  return undefined;
}
