import { unfinishedTexts } from '../../bookkeeping/unfinished.ts';
import type { Engine } from '../../engines/engine.ts';
import { quantity } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { emptyingStatements, type Contents } from '../../operations/empty.ts';
import type { Step } from '../../operations/plan/step.ts';
import { readForeignKeys } from '../../schema/foreign-keys.ts';
import { trackingTables } from '../../schema/left-out.ts';
import { readSchema } from '../../schema/read.ts';
import { foldName } from '../../sql/cursor.ts';
import { asStep, databaseOf, type RunContext, type RunDatabase } from '../context.ts';
import { noted } from '../unit/noted.ts';
import { runOwnUnit } from './own-unit.ts';

/**
 * Drops everything that is in a database, as one unit behind the fence, and leaves the file where it is: whoever has it
 * open goes on with an empty one.
 */
export async function performEmpty(
  { database }: Extract<Step, { kind: 'empty' }>,
  context: RunContext,
): Promise<void> {
  const of = databaseOf(context, database);
  const { engine, lock } = of;
  if (!engine || !lock) throw new Error(`${database} is not open and locked.`);
  const stopping = 'ctrl-c undoes it: it is one transaction';
  await asStep(context, { step: 'empty', database, stopping }, async () => {
    const contents = await readContents(of);
    const statements = (await statementsFor(engine, contents)).map((sql) => ({
      sql,
      role: 'record' as const,
    }));
    await noted(context, { database, what: 'the emptying' }, () =>
      runOwnUnit(
        {
          engine,
          lock,
          foreignKeys: engine.foreignKeys === 'always-on' ? 'on' : 'off',
          statements,
          what: 'the tables',
          look: `migrate-tui status ${context.environment.name}`,
        },
        context,
      ),
    );
    context.progress.emptied.push(database);
    const tables = contents.schema.objects.filter(({ type }) => type === 'table').length;
    return { says: `${quantity(tables, 'table')} dropped` };
  });
}

async function statementsFor(engine: Engine, contents: Contents): Promise<readonly string[]> {
  switch (engine.query.dialect) {
    case 'sqlite':
      return emptyingStatements(contents, engine.foreignKeys);
    case 'postgres': {
      const postgres = await import('../../engines/postgres/copy/empty.ts');
      return [...(await postgres.emptyingStatements(engine.query)), unfinishedTexts.forgetAll.sql];
    }
    default:
      return unreachable(engine.query.dialect);
  }
}

async function readContents(of: RunDatabase): Promise<Contents> {
  const { engine, database } = of;
  if (!engine) throw new Error(`${database.name} is not open.`);
  const [schema, foreignKeys, tracking] = await Promise.all([
    readSchema(engine.query, { bookkeeping: [database.table] }),
    readForeignKeys(engine.query),
    trackingTablesIn(engine, database.table),
  ]);
  return { schema, foreignKeys, tracking };
}

/** Those of other runners, too: their records of what is gone would stand against the next deploy. */
async function trackingTablesIn({ query }: Engine, own: string): Promise<readonly string[]> {
  if (query.dialect !== 'sqlite') return [];
  const known = [own, ...trackingTables].map((name) => foldName(name));
  const tables = await query({ sql: "SELECT name FROM sqlite_schema WHERE type = 'table'" });
  return tables.map(({ name }) => String(name)).filter((name) => known.includes(foldName(name)));
}
