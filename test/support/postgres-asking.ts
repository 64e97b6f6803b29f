import { types, type Client } from 'pg';
import { asking, type Query, type SqlValue } from '../../src/sql/statement.ts';

/** A query over a plain connection: values as our engines give them, errors as `pg` throws them. */
export function askingOver(client: Pick<Client, 'query'>): Query {
  return asking('postgres', async ({ sql, args = [] }) => {
    const { rows } = await client.query<Record<string, SqlValue>>({
      text: sql,
      values: [...args],
      types: { getTypeParser },
    });
    return rows;
  });
}

const wide: number = types.builtins.INT8;
const numbers = new Set<number>([
  types.builtins.INT2,
  types.builtins.INT4,
  types.builtins.OID,
  types.builtins.FLOAT8,
]);

function getTypeParser(id: number) {
  if (numbers.has(id)) return (text: string) => Number(text);
  if (id === wide) {
    return (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text));
  }
  return (text: string) => text;
}
