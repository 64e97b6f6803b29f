import { MigrateError } from '../../../lib/errors.ts';
import { quantity } from '../../../lib/numbers.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import { raisedGuard } from '../../../sql/guard.ts';
import { inlined } from '../../../sql/inline.ts';
import { tokens } from '../../../sql/tokens.ts';
import type { Unit, UnitOptions, UnitOutcome, UnitStatement } from '../../engine.ts';
import { SqlError } from '../../engine.ts';
import { refuseUnit } from '../../one-statement.ts';
import { outcomeCode } from '../../outcome-code.ts';
import type { D1Connection } from './connection.ts';
import { importText } from './import.ts';
import { toSqlError } from './rest-answer.ts';
import { RestFailure } from './rest-failure.ts';
import { field, listOf, numberField, textField } from './shape.ts';

/**
 * What one request carries, in bytes: all of it has to be read and run within the 30 s that D1 gives a request.
 * wrangler's own migrations of ordinary size stay far below; what is larger is mostly rows, and goes through an import.
 */
export const requestBytes = 4 * 1024 * 1024;

/** Sends a unit once: as one request, or as an import when it is too large for that. Never cut off, never repeated. */
export async function sendUnit(
  connection: D1Connection,
  unit: Unit,
  { signal, onStatement, onSent, onProgress }: UnitOptions,
): Promise<UnitOutcome> {
  if (unit.foreignKeys === 'off') throw new Error('D1 keeps foreign keys on; a unit must not ask for less.');
  const refused = refuseUnit(unit);
  if (refused) return refused;
  if (signal?.aborted) return { kind: 'stopped' };
  const numbers = unit.statements.flatMap(({ number }) => (number === undefined ? [] : [number]));
  const sql = textOf(unit.statements);
  const way = Buffer.byteLength(sql) <= requestBytes ? 'query' : 'import';
  for (const number of numbers) onStatement?.({ number, phase: 'begun' });
  const begun = performance.now();
  const outcome = await sendText(connection, sql, unit.statements, { way, onProgress });
  const took = performance.now() - begun;
  if (outcome.kind === 'committed') reportDone(numbers, outcome.took, onStatement);
  onSent?.({
    role: 'request',
    what: `POST ${connection.location} /${way}, ${quantity(unit.statements.length, 'statement')}`,
    took,
    outcome: outcome.kind === 'committed' ? { kind: 'ok' } : { kind: 'failed', code: outcomeCode(outcome) },
  });
  return outcome;
}

/** Every statement with its end, parameters written into it: the API takes parameters with a single statement only. */
function textOf(statements: readonly UnitStatement[]): string {
  return statements.map((statement) => ended(inlined(statement))).join('\n');
}

function ended(sql: string): string {
  const text = sql.replace(/[\s;]+$/, '');
  const last = [...tokens(text.slice(text.lastIndexOf('\n') + 1))].at(-1);
  const endsInComment = last?.kind === 'comment' || text.endsWith('*/');
  return endsInComment ? `${text}\n;` : `${text};`;
}

async function sendText(
  connection: D1Connection,
  sql: string,
  statements: readonly UnitStatement[],
  {
    way,
    onProgress,
  }: {
    readonly way: 'query' | 'import';
    readonly onProgress: UnitOptions['onProgress'] | undefined;
  },
): Promise<UnitOutcome> {
  try {
    switch (way) {
      case 'query':
        return await sendQuery(connection, sql, statements);
      case 'import':
        await importText(connection, sql, onProgress);
        return { kind: 'committed', took: [] };
      default:
        return unreachable(way);
    }
  } catch (error) {
    if (error instanceof RestFailure) return outcomeOf(error, connection.location);
    throw error;
  }
}

async function sendQuery(
  { client, path, location }: D1Connection,
  sql: string,
  statements: readonly UnitStatement[],
): Promise<UnitOutcome> {
  const { result } = await client.once({
    method: 'POST',
    path: `${path}/query`,
    body: { sql },
    timeout: unitTimeout,
  });
  const results = listOf(result);
  const failed = results.find((one) => field(one, 'success') === false);
  if (failed !== undefined) return failedInside(textField(failed, 'error') ?? '', location);
  // Only when the server cut the text where we joined it do its answers tell of our statements.
  const lined = results.length === statements.length ? results : [];
  const took = lined.flatMap((one, index) =>
    statements[index]?.role === 'migration' ? [numberField(field(one, 'meta'), 'duration') ?? 0] : [],
  );
  return { kind: 'committed', took };
}

/** D1 ends a request after 30 s; an answer that did not come in a multiple of that never will. */
const unitTimeout = 120_000;

function failedInside(message: string, location: string): UnitOutcome {
  const error = toSqlError(message);
  return error ? failedOutcome(error) : unknown(location, 'it says that a statement failed, and not how');
}

function outcomeOf(failure: RestFailure, location: string): UnitOutcome {
  const { kind, reason, statement, code, next } = failure.details;
  if (kind === 'lost') return unknown(location, failure.message, failure);
  if (statement) return failedOutcome(statement);
  if (reason === 'busy') {
    return {
      kind: 'busy',
      error: new MigrateError('busy', `${location}: ${failure.message}`, { next, cause: failure }),
    };
  }
  return {
    kind: 'failed',
    error: new SqlError(failure.message, { code: `NOT_SENT ${code}`, next, cause: failure }),
  };
}

function failedOutcome(error: SqlError): UnitOutcome {
  const raised = raisedGuard(error.message);
  return raised ? { kind: 'guarded', guard: raised.name, detail: raised.detail } : { kind: 'failed', error };
}

function unknown(location: string, why: string, cause?: RestFailure): UnitOutcome {
  return {
    kind: 'unknown',
    error: new MigrateError('unreachable', `${location} did not say whether the unit was committed: ${why}`, {
      next: 'Ask for the status: the records say what was applied.',
      ...(cause === undefined ? {} : { cause }),
    }),
  };
}

function reportDone(
  numbers: readonly number[],
  took: readonly number[],
  onStatement: UnitOptions['onStatement'],
): void {
  for (const [index, number] of numbers.entries()) {
    const measured = took[index];
    onStatement?.({ number, phase: 'done', ...(measured === undefined ? {} : { took: measured }) });
  }
}
