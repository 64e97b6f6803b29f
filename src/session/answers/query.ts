import { MigrateError } from '../../lib/errors.ts';
import { SqlError } from '../../engines/engine.ts';
import type { Question } from '../../operations/questions.ts';
import type { QueryReport } from '../../operations/reports.ts';
import type { Row, SqlValue } from '../../sql/statement.ts';
import { shownAddress } from '../target/shown-address.ts';
import type { Workspace } from '../workspace.ts';

/** Asks one target one question; the engine refuses everything that is not one. */
export async function answerQuery(
  workspace: Workspace,
  { environment: name, database: wanted, sql }: Extract<Question, { kind: 'query' }>,
): Promise<QueryReport> {
  const environment = workspace.environment(name);
  const targets = workspace.targetsOf(environment, wanted === undefined ? undefined : [wanted]);
  const [only, ...others] = targets;
  if (!only || others.length > 0) {
    throw new MigrateError('usage', `${name} has ${targets.length} databases; a query asks one.`, {
      next: `Add --database ${targets.map(({ database }) => database.name).join(' or --database ')}.`,
    });
  }
  await using engine = await workspace.open(only.target, environment, {
    purpose: 'question',
    ifMissing: 'refuse',
  });
  if (!engine) {
    throw new MigrateError(
      'unreachable',
      `${shownAddress(only.target.address, workspace.project.root)} does not exist yet.`,
      {
        next: `migrate-tui deploy ${name} makes it.`,
      },
    );
  }
  const rows = await ask(engine.query({ sql }), name);
  return {
    schemaVersion: 1,
    kind: 'query',
    environment: name,
    database: only.database.name,
    columns: Object.keys(rows[0] ?? {}),
    rows: rows.slice(0, limit).map((row) => Object.values(row).map(toJson)),
    truncated: rows.length > limit,
  };
}

const limit = 1000;

async function ask(answer: Promise<readonly Row[]>, environment: string): Promise<readonly Row[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new MigrateError(
      'usage',
      `${environment} refused the query: ${error.message}. Nothing was changed.`,
      { cause: error },
    );
  }
}

function toJson(value: SqlValue): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
}
