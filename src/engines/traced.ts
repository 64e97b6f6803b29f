import { quantity } from '../lib/numbers.ts';
import { isBlank, tokens } from '../sql/tokens.ts';
import type { Engine, Rewind, Sent, Unit, UnitOptions, UnitOutcome } from './engine.ts';
import { SqlError } from './engine.ts';
import { MigrateError } from '../lib/errors.ts';
import { asking } from '../sql/statement.ts';

/** One line of the command log, in the shape of `operations/trace.ts`. */
export interface Traced {
  /** ISO 8601, UTC, with milliseconds: when it was sent. */
  readonly at: string;
  readonly environment: string | undefined;
  readonly kind: 'sql' | 'http';
  readonly access: 'read' | 'write';
  readonly what: string;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome:
    { readonly kind: 'ok'; readonly says: string } | { readonly kind: 'failed'; readonly says: string };
}

/**
 * The same engine, which also tells of everything it sends. Parameters are never told, and literals only of a
 * migration's own statements, which are in its file anyway; a failure is told by its code, as messages may quote rows.
 */
export function traced(
  engine: Engine,
  onEntry: (entry: Traced) => void,
  { environment }: { readonly environment: string | undefined },
): Engine {
  return {
    name: engine.name,
    location: engine.location,
    delivery: engine.delivery,
    foreignKeys: engine.foreignKeys,
    ...(engine.remark ? { remark: engine.remark } : {}),
    ...(engine.rewind
      ? { rewind: tracedRewind(engine.rewind, engine.location, { onEntry, environment }) }
      : {}),
    query: asking(engine.query, async (statement) => {
      const tell = startEntry(environment, 'sql', 'read', masked(statement.sql));
      try {
        const rows = await engine.query(statement);
        onEntry(tell({ kind: 'ok', says: quantity(rows.length, 'row') }));
        return rows;
      } catch (error) {
        onEntry(tell({ kind: 'failed', says: codeOf(error) }));
        throw error;
      }
    }),
    unit: (unit, options = {}) => tracedUnit(engine, unit, options, { onEntry, environment }),
    ...(engine.alone ? { alone: tracedAlone(engine.alone, { onEntry, environment }) } : {}),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

function tracedRewind(
  rewind: Rewind,
  location: string,
  {
    onEntry,
    environment,
  }: { readonly onEntry: (entry: Traced) => void; readonly environment: string | undefined },
): Rewind {
  const told = async <T>(access: Traced['access'], what: string, work: () => Promise<T>): Promise<T> => {
    const tell = startEntry(environment, 'http', access, `${what} of ${location}`);
    try {
      const value = await work();
      onEntry(tell({ kind: 'ok', says: 'done' }));
      return value;
    } catch (error) {
      onEntry(tell({ kind: 'failed', says: codeOf(error) }));
      throw error;
    }
  };
  return {
    of: rewind.of,
    retention: rewind.retention,
    position: () => told('read', 'position in the history', () => rewind.position()),
    to: (position) => told('write', `taking back to ${position}`, () => rewind.to(position)),
  };
}

/** The text with every literal replaced: no value of a row is in it. */
function masked(sql: string): string {
  // The fence and the record are the same text for every migration of a run.
  const known = alreadyMasked.get(sql);
  if (known !== undefined) return known;
  const text = [...tokens(sql)].map((token) => (literals.has(token.kind) ? '?' : token.text)).join('');
  if (alreadyMasked.size > 200) alreadyMasked.clear();
  if (sql.length < 2000) alreadyMasked.set(sql, text);
  return text;
}

const alreadyMasked = new Map<string, string>();

const literals = new Set(['string', 'blob', 'number']);

async function tracedUnit(
  engine: Engine,
  unit: Unit,
  options: UnitOptions,
  {
    onEntry,
    environment,
  }: { readonly onEntry: (entry: Traced) => void; readonly environment: string | undefined },
): Promise<UnitOutcome> {
  const onSent = (sent: Sent) => {
    options.onSent?.(sent);
    onEntry(entryOf(sent, environment));
    // A request carries all statements; they are told after it, none of them with a time of its own.
    if (sent.role === 'request') for (const line of statementLines(unit, sent, environment)) onEntry(line);
  };
  return engine.unit(unit, { ...options, onSent });
}

function tracedAlone(
  alone: NonNullable<Engine['alone']>,
  {
    onEntry,
    environment,
  }: { readonly onEntry: (entry: Traced) => void; readonly environment: string | undefined },
): NonNullable<Engine['alone']> {
  return (statement, options = {}) =>
    alone(statement, {
      ...options,
      onSent: (sent) => {
        options.onSent?.(sent);
        onEntry(entryOf(sent, environment));
      },
    });
}

function entryOf({ role, what, took, outcome }: Sent, environment: string | undefined): Traced {
  return {
    at: new Date(Date.now() - took).toISOString(),
    environment,
    kind: role === 'request' ? 'http' : 'sql',
    access: 'write',
    what: role === 'guard' || role === 'record' ? masked(what) : what,
    took,
    outcome: outcome.kind === 'ok' ? { kind: 'ok', says: 'done' } : { kind: 'failed', says: outcome.code },
  };
}

function statementLines(
  { statements }: Unit,
  request: Sent,
  environment: string | undefined,
): readonly Traced[] {
  return statements
    .filter(({ sql }) => !isBlank(sql))
    .map(({ role, sql }) => ({
      ...entryOf({ ...request, role, what: sql, took: 0 }, environment),
      outcome: { kind: 'ok', says: 'sent in the batch' },
    }));
}

function startEntry(
  environment: string | undefined,
  kind: Traced['kind'],
  access: Traced['access'],
  what: string,
) {
  const at = new Date().toISOString();
  const begun = performance.now();
  return (outcome: Traced['outcome']): Traced => ({
    at,
    environment,
    kind,
    access,
    what,
    took: performance.now() - begun,
    outcome,
  });
}

function codeOf(error: unknown): string {
  return error instanceof SqlError || error instanceof MigrateError ? error.code : 'failed';
}
