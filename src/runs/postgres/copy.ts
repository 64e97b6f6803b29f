import type { Address } from '../../engines/address.ts';
import type { OnCopyProgress } from '../../engines/copy-progress.ts';
import { computedColumns } from '../../engines/postgres/copy/computed-columns.ts';
import { dumpDatabase } from '../../engines/postgres/copy/dump.ts';
import { openDump } from '../../engines/postgres/copy/dump-reader.ts';
import { areCopied, rowChanger } from '../../engines/postgres/copy/masked-rows.ts';
import { replaceContent, type FillOptions } from '../../engines/postgres/copy/restore.ts';
import type { Masking } from '../../engines/masks.ts';
import { readShape, refuseOtherShape } from '../../engines/shape-of.ts';
import { replaceRows, type ReplaceRowsOptions } from '../../engines/postgres/copy/replace-rows.ts';
import { uncopiedIn } from '../../engines/postgres/copy/uncopied.ts';
import { openTableSession } from '../../engines/postgres/copy/open-session.ts';
import { insistLanded } from '../../engines/insist-landed.ts';
import type { Engine } from '../../engines/engine.ts';
import { quantity } from '../../lib/numbers.ts';
import type { Query, Statement } from '../../sql/statement.ts';
import type { Copy, CopyOptions } from '../backups/copies.ts';
import { describeDatabase } from './describe.ts';
import type { Permit } from './left-out.ts';

/**
 * Copies a PostgreSQL database of one moment into a file, and looks at it in that moment.
 *
 * @param look is asked in the copy's own moment
 * @throws MigrateError `busy`, `storage`, `unreachable`, `refused`, `backup-failed`, `interrupted`
 */
export async function copyPostgres<T>(
  address: Address,
  to: string,
  {
    look,
    permit,
    withRows,
    signal,
    onProgress,
  }: CopyOptions & {
    readonly look: (query: Query) => Promise<T>;
    /** Told what the copy would be without, before any row is read; what it throws ends it there. */
    readonly permit: Permit;
    /** Of which tables; of all when absent. */
    readonly withRows?: (table: string) => boolean;
  },
): Promise<Copy & { readonly seen: T }> {
  await using session = await openTableSession(address, { signal });
  const { told, ...copied } = await dumpDatabase(session, {
    to,
    describe: async (query) => {
      const script = await describeDatabase(query);
      permit([...script.leftOut, ...(await uncopiedIn(query))], session.location);
      return { script, told: await look(query) };
    },
    ...(withRows ? { withRows } : {}),
    onProgress,
  });
  return { ...copied, seen: told, moment: 'one' };
}

/** How a database is copied that is not copied as it is. */
export interface CopyUnderOptions extends CopyOptions {
  readonly masking: Masking;
  /** What the rules were made for (see `engines/shape-of.ts`). */
  readonly shape: string;
  /** What people call the source. */
  readonly called: string;
}

/**
 * Copies a PostgreSQL database into a file under rules: what they keep back is written nowhere.
 *
 * @throws MigrateError what `copyPostgres` throws; `config`, `refused` where a rule does not fit; `target-changed`
 */
export async function copyPostgresUnder(
  address: Address,
  to: string,
  { masking, shape, called, signal, onProgress }: CopyUnderOptions,
): Promise<Pick<Copy, 'tables'>> {
  await using session = await openTableSession(address, { signal });
  return await dumpDatabase(session, {
    to,
    describe: async (query) => {
      refuseOtherShape(await readShape(query), shape, called);
      return { script: await describeDatabase(query), told: undefined };
    },
    withRows: (table) => areCopied(table, masking),
    changeRows: (table) => rowChanger(table, masking),
    onProgress,
  });
}

export interface PutBackOptions {
  readonly rights: FillOptions['rights'];
  /** Raises unless the lock is held, and keeps it until the end. */
  readonly fence: readonly Statement[];
  readonly prepare: readonly Statement[];
  /** A query with a row only when all of it is there. */
  readonly landed: Statement;
  /** Looks at what would be there before it is; what it throws undoes everything. */
  readonly check?: (query: Query) => Promise<void>;
  readonly onRemark: (says: string) => void;
  readonly onProgress?: OnCopyProgress;
  readonly signal: AbortSignal;
}

/**
 * Puts a copy in the place of everything that is in the database, in one transaction.
 *
 * @throws MigrateError where everything was undone; `stopped-part-way` when nobody can say whether it was
 */
export async function putBackPostgres(
  { address, engine }: { readonly address: Address; readonly engine: Engine },
  from: string,
  { rights, fence, prepare, landed, check, onRemark, onProgress, signal }: PutBackOptions,
): Promise<void> {
  const refused: string[] = [];
  await using dump = await openDump(from);
  const replace = async () => {
    await using session = await openTableSession(address, { signal });
    return await replaceContent(session, dump, {
      rights,
      fence,
      prepare,
      ...(check ? { check } : {}),
      ...(onProgress ? { onProgress } : {}),
      onRefused: (statement, why) => refused.push(`${statement} (${why.replace(/\.$/, '')})`),
    });
  };
  const outcome = await replace();
  if (outcome.kind === 'unknown') {
    const whether = `the copy is in ${engine.location}`;
    await insistLanded(engine, landed, { lost: outcome.error, whether });
  }
  if (refused.length > 0) onRemark(notGivenBack(engine.location, refused));
  const { leftOut } = dump.script;
  if (leftOut.length > 0)
    onRemark(`${engine.location} is as the copy has it, without what no copy holds: ${leftOut.join(', ')}.`);
  for (const says of await computedAnew(engine)) onRemark(says);
}

/**
 * Puts the rows of some tables back as a copy has them, in one transaction.
 *
 * @throws MigrateError where everything was undone; `stopped-part-way` when nobody can say whether it was
 */
export async function putRowsBack(
  { address, engine }: { readonly address: Address; readonly engine: Engine },
  from: string,
  {
    landed,
    signal,
    onRemark,
    ...how
  }: ReplaceRowsOptions & Pick<PutBackOptions, 'landed' | 'signal' | 'onRemark'>,
): Promise<void> {
  await using dump = await openDump(from);
  const replace = async () => {
    await using session = await openTableSession(address, { signal });
    return await replaceRows(session, dump, how);
  };
  const outcome = await replace();
  if (outcome.kind === 'unknown') {
    const whether = `the rows are back in ${engine.location}`;
    await insistLanded(engine, landed, { lost: outcome.error, whether });
  }
  for (const says of await computedAnew(engine, how.tables)) onRemark(says);
}

/** The rows are back, and what is said of them must not undo that: a connection that is lost by now says nothing. */
async function computedAnew({ query }: Engine, tables?: readonly string[]): Promise<readonly string[]> {
  const all = await computedColumns(query).catch(() => []);
  const names = all
    .filter(({ table }) => tables === undefined || tables.includes(table))
    .map(({ table, column }) => `${table}.${column}`);
  if (names.length === 0) return [];
  const [are, each] = names.length === 1 ? ['is', 'it is'] : ['are', 'they are'];
  return [
    `${names.join(', ')} ${are} generated by functions of the database, and no copy holds such values: computed anew from the rows that are back, ${each} as those functions are in it now.`,
  ];
}

function notGivenBack(location: string, statements: readonly string[]): string {
  const [first = ''] = statements;
  const others = statements.length > 1 ? `, and ${quantity(statements.length - 1, 'statement')} more` : '';
  return `${location} did not take every owner and right back: ${first}${others}.`;
}
