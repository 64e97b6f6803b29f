import { isBlank, meaningfulTokens } from '../sql/tokens.ts';
import { SqlError, type Unit, type UnitOutcome } from './engine.ts';

/**
 * What is wrong with a unit before anything is sent: a piece that holds no statement, or several (the client runs
 * the first and drops the rest in silence), or one that would end the unit's transaction.
 */
export function refuseUnit({ statements }: Unit): Extract<UnitOutcome, { kind: 'failed' }> | undefined {
  for (const { sql, number, role } of statements) {
    // Guards and records are written by this program, one statement each.
    if (role !== 'migration') continue;
    const error = refuseStatement(sql);
    if (error) return { kind: 'failed', ...(number === undefined ? {} : { number }), error };
  }
  return undefined;
}

/** The same for one statement; undefined when it may be run. */
export function refuseStatement(sql: string): SqlError | undefined {
  // Without a semicolon there is one statement, and these words neither begin nor end a transaction.
  if (/^\s*(?:create|alter|drop|insert|update|delete|select)\b[^;]*$/i.test(sql)) return undefined;
  if (isBlank(sql)) {
    return new SqlError('the text holds no statement, only comments or spaces', { code: 'EMPTY_STATEMENT' });
  }
  const words = meaningfulTokens(sql).map(({ text }) => text.toUpperCase());
  if (hasMore(words)) {
    return new SqlError('the text holds more than one statement, and only the first would run', {
      code: 'SEVERAL_STATEMENTS',
    });
  }
  if (endsTransaction(words)) {
    return new SqlError(
      `${words[0]} would begin or end a transaction inside the migration's own; nothing was run`,
      {
        code: 'TRANSACTION_CONTROL',
      },
    );
  }
  return undefined;
}

function hasMore(words: readonly string[]): boolean {
  const isTrigger = words[0] === 'CREATE' && words.slice(1, 3).includes('TRIGGER');
  // A trigger's own statements end in semicolons; the trigger ends at `; END ;`.
  const end = words.findIndex(
    (word, index) => word === ';' && (!isTrigger || (words[index - 1] === 'END' && words[index - 2] === ';')),
  );
  return end !== -1 && words.slice(end + 1).some((word) => word !== ';');
}

function endsTransaction(words: readonly string[]): boolean {
  const [first, second] = words;
  // ROLLBACK TO a savepoint stays inside.
  if (first === 'ROLLBACK') return !words.slice(1, 3).includes('TO');
  return first === 'BEGIN' || first === 'COMMIT' || (first === 'END' && second !== 'IF');
}
