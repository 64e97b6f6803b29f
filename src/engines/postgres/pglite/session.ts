import type { Row, SqlValue, Statement } from '../../../sql/statement.ts';
import { SqlError } from '../../engine.ts';
import { othersTurn } from '../../waiting.ts';
import { withLine } from '../error-line.ts';
import type { Converters, Pglite } from './package.ts';
import { ConnectionLost } from '../server-errors.ts';
import type { Answer, Session } from '../session.ts';
import { parserOf, toParameters } from '../values.ts';
import { withoutValue } from '../without-value.ts';

/** A session in this process. PGlite has one only, so nothing can look at it from beside or cancel it. */
export function pgliteSession(pglite: Pglite): Session {
  const parsers = parsersFor(pglite);
  const serializers = serializersFor(pglite);
  return {
    settings: '',
    async run({ sql, args }: Statement): Promise<Answer> {
      // A statement holds up the process until it is done.
      await othersTurn();
      const { rows, command } = await pglite
        .query(sql, toParameters(args), { parsers, serializers })
        .catch((error: unknown) => thrown(error, sql));
      return {
        rows: rows.map(toRow),
        command,
        transaction: pglite.isInTransaction() ? 'open' : 'none',
      };
    },
    async command(sql) {
      const results = await pglite.exec(sql).catch((error: unknown) => thrown(error, sql));
      return { command: results.at(-1)?.command, transaction: pglite.isInTransaction() ? 'open' : 'none' };
    },
    // What is not committed is undone when it is closed or started again.
    cut: () => undefined,
  };
}

/** PGlite makes JavaScript values of many types, and learns the arrays of a database when it starts. */
function parsersFor(pglite: Pglite): Converters {
  return Object.fromEntries(Object.keys(pglite.parsers).map((type) => [type, parserOf(Number(type))]));
}

/** Parameters are text already, but for bytes. */
function serializersFor(pglite: Pglite): Converters {
  const asText = (value: string | Uint8Array) =>
    typeof value === 'string' ? value : `\\x${Buffer.from(value).toString('hex')}`;
  return Object.fromEntries(Object.keys(pglite.serializers).map((type) => [type, asText]));
}

function toRow(row: Record<string, unknown>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)]));
}

/** Every value went through a parser of ours, or came as the text it is. */
function toValue(value: unknown): SqlValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value;
    default:
      return value instanceof Uint8Array ? value : null;
  }
}

/** @throws what the failure of a statement was; it holds no value of a row */
export function thrown(error: unknown, sql = ''): never {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    throw new ConnectionLost(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (error.code === '42601' && error.message.includes('multiple commands')) {
    throw new SqlError('the text holds more than one statement', {
      code: 'SEVERAL_STATEMENTS',
      cause: error,
    });
  }
  // It carries the parameters, which are values of rows.
  for (const name of ['params', 'queryOptions']) Reflect.deleteProperty(error, name);
  throw new SqlError(withoutValue(error.code, withLine(error, sql)), { code: error.code, cause: error });
}
