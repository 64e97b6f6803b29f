import { MigrateError } from '../lib/errors.ts';
import type { Environment, Invariant } from '../project/project.ts';
import { classify } from '../sql/classify.ts';
import type { Query } from '../sql/statement.ts';
import { answerTo } from './own-queries.ts';

/** The answers of an environment's invariants for one database, by name. They only read. */
export async function readInvariants(
  query: Query,
  environment: Pick<Environment, 'invariants'>,
  database: string,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  for (const invariant of invariantsOf(environment, database)) {
    const answer = await answerTo(query, onlyReading(invariant.sql, `The invariant ${invariant.name}`));
    answers.set(invariant.name, JSON.stringify(answer));
  }
  return answers;
}

/** One sentence per invariant that does not hold any more; no values are quoted. */
export function changedInvariants(
  environment: Pick<Environment, 'invariants'>,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return environment.invariants.flatMap(({ name, within }) => {
    const was = before.get(name);
    const is = after.get(name);
    if (was === undefined || is === undefined || was === is || isWithin(was, is, within)) return [];
    return [`the invariant ${name} has another answer than before`];
  });
}

/** @throws MigrateError `config` when the text does more than read */
export function onlyReading(sql: string, whose: string): string {
  const statement = classify(sql);
  if (statement.kind === 'select') return sql;
  throw new MigrateError(
    'config',
    `${whose} is no query: it starts a ${statement.kind} statement. It was not run.`,
    {
      next: 'Only SELECT, VALUES and WITH … SELECT may stand there.',
    },
  );
}

function invariantsOf(
  { invariants }: Pick<Environment, 'invariants'>,
  database: string,
): readonly Invariant[] {
  return invariants.filter(
    (invariant) => invariant.database === undefined || invariant.database === database,
  );
}

function isWithin(was: string, is: string, within: number): boolean {
  const [a, b] = [numberIn(was), numberIn(is)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= within;
}

/** The number of an answer with exactly one row of one column. */
function numberIn(answer: string): number | undefined {
  const found = /^\[\["(-?\d+(?:\.\d+)?)"\]\]$/.exec(answer);
  return found ? Number(found[1]) : undefined;
}
