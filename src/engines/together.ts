import { asking, type Query, type Row, type Statement } from '../sql/statement.ts';
import { SqlError } from './engine.ts';
import { readsOnly } from './read-only.ts';

/** How a server is asked. */
export interface Asking {
  /** One question, whatever it does. */
  readonly alone: (statement: Statement) => Promise<readonly Row[]>;
  /** Several that only read, as one request: an answer to each. */
  readonly atOnce: (statements: readonly Statement[]) => Promise<readonly (readonly Row[])[]>;
}

/**
 * A query that lets questions travel together: those that are asked without waiting for one another become one request,
 * and so one moment of the database. When it is refused, each is asked alone, which shows whose fault it was.
 */
export function together({ alone, atOnce }: Asking): Query {
  let waiting: Waiting[] = [];
  const sendAll = () => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += most) void send(all.slice(at, at + most), { alone, atOnce });
  };
  return asking('sqlite', (statement) => {
    if (!readsOnly(statement.sql)) return alone(statement);
    return new Promise((resolve, reject) => {
      waiting.push({ statement, resolve, reject });
      // After everything that is ready to go on now: it may have a question, too.
      if (waiting.length === 1) setImmediate(sendAll);
    });
  });
}

/** Questions in a request: a server counts the time of all of them together. */
const most = 16;

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (rows: readonly Row[] | Promise<readonly Row[]>) => void;
  readonly reject: (reason: unknown) => void;
}

async function send(questions: readonly Waiting[], { alone, atOnce }: Asking): Promise<void> {
  const [first, ...others] = questions;
  if (first && others.length === 0) return first.resolve(alone(first.statement));
  try {
    const answers = await atOnce(questions.map(({ statement }) => statement));
    for (const [index, { resolve }] of questions.entries()) resolve(answers[index] ?? []);
  } catch (error) {
    for (const { statement, resolve, reject } of questions) {
      if (error instanceof SqlError) resolve(alone(statement));
      else reject(error);
    }
  }
}
