import { commandLine } from '../../lib/command-line.ts';
import { MigrateError } from '../../lib/errors.ts';
import { count, quantity } from '../../lib/numbers.ts';
import type { Acceptance, Account, AccountOfTable } from '../../operations/consent/account.ts';
import type { Change, Consent } from '../../operations/change.ts';
import { changeWords } from '../../operations/change-command.ts';
import type { PlannedStep } from '../../operations/events.ts';
import type { Environment } from '../../project/project.ts';
import { countRows } from '../../runs/measure/measure.ts';
import { sameName } from '../../sql/cursor.ts';
import { isHere } from '../target/is-here.ts';
import { boundAccount } from './bound-account.ts';
import type { Ground } from './ground.ts';
import type { Source } from './resync-sources.ts';

type ResyncChange = Extract<Change, { kind: 'resync' }>;

/** What would come over and what would be replaced, as it was counted just now. */
export async function accountOfResync(
  change: ResyncChange,
  { from, sources, steps }: Pick<Coming, 'from' | 'sources'> & { readonly steps: readonly PlannedStep[] },
): Promise<Account> {
  const { environment } = change;
  const tables = sources.flatMap(tablesOf);
  const databases = await Promise.all(sources.map(databaseOf));
  const elsewhere = sources.find(({ prepared }) => !isHere(prepared.run.target.address));
  return {
    operation: 'resync',
    environment,
    protected: false,
    says: sentencesOf(environment, { from, sources, databases, elsewhere, tables }),
    words: changeWords(change),
    databases,
    steps,
    destroys: databases.some(({ loses }) => loses !== undefined),
    tables,
    consent: {
      confirm: elsewhere ? 'elsewhere' : 'not-needed',
      accept: from.protected ? unruled(tables) : [],
    },
  };
}

interface Coming {
  readonly from: Environment;
  readonly sources: readonly Source[];
  readonly databases: Account['databases'];
  /** The first whose target is not on this machine. */
  readonly elsewhere: Source | undefined;
  readonly tables: readonly AccountOfTable[];
}

function sentencesOf(
  environment: string,
  { from, sources, databases, elsewhere, tables }: Coming,
): readonly string[] {
  const away =
    elsewhere &&
    `${elsewhere.prepared.run.database.name} is not on this machine: to replace it, its environment has to be named.`;
  return [
    `${environment} would take the schema, the records and the rows of ${from.name}: ${databases.map(sizesOf).join('; ')}.`,
    ...(away === undefined ? [] : [away]),
    ...maskSentences(tables),
    ...onTop(sources, from.name),
  ];
}

/**
 * What looks personal comes from a protected environment only under a rule, or when somebody says so column by column.
 *
 * @throws MigrateError `protected`, once the whole account was told
 */
export async function refuseUnruled(
  ground: Ground,
  { unmasked = [] }: Consent,
  { account, from }: { readonly account: Account; readonly from: Environment },
): Promise<void> {
  const open = account.consent.accept.filter(
    ({ value }) => !unmasked.some((given) => sameName(given, value)),
  );
  const [first] = open;
  if (!first) return;
  ground.context.events.emit({ kind: 'review', ...(await boundAccount(ground, account)) });
  const flags = account.consent.accept.flatMap(({ flag, value }) => [flag, value]);
  const those = open.length === 1 ? 'it' : 'each of them';
  throw new MigrateError(
    'protected',
    `${from.name} is protected, and what looks personal has no rule: ${columnsText(account.tables ?? [], open)}. Nothing was copied or changed.`,
    {
      next: `Give ${those} a rule in masks in the configuration, such as '${first.value}': 'hash' ('null' and 'keep' are the others). To copy as it is this once: ${commandLine([...account.words, '--yes', ...flags])}`,
    },
  );
}

/** What is said before anything is copied, where nothing has to be answered for. */
export function warningsOfResync(from: Environment, sources: readonly Source[]): readonly string[] {
  const tables = sources.flatMap(tablesOf);
  const open = unruled(tables);
  const isPlain = tables.every(({ how }) => how === 'kept' || how === 'as-is');
  return [
    ...sources.flatMap(({ notes }) => notes),
    ...(isPlain && !from.protected ? [`${from.name} is copied as it is: no column is masked.`] : []),
    ...(open.length === 0
      ? []
      : [`Copied as it is, though it looks personal: ${columnsText(tables, open)}.`]),
  ];
}

function tablesOf({ prepared, tables, source }: Source): readonly AccountOfTable[] {
  return tables.map((table) => ({
    database: prepared.run.database.name,
    ...table,
    rows: source.rows.get(table.table),
  }));
}

async function databaseOf({
  prepared: { run },
  tables,
  source,
}: Source): Promise<Account['databases'][number]> {
  const rows = [...source.rows.values()].reduce((sum, each) => sum + each, 0);
  const here = run.engine && (await countRows(run.engine.query, { leaveOut: [run.bookkeeping.table] }));
  return {
    database: run.database.name,
    writes: `${quantity(tables.length, 'table')} with ${quantity(rows, 'row')}`,
    loses:
      here &&
      `${quantity(here.length, 'table')} with ${quantity(
        here.reduce((sum, table) => sum + table.rows, 0),
        'row',
      )}`,
  };
}

function sizesOf({ database, writes, loses }: Account['databases'][number]): string {
  const replaced = loses === undefined ? 'does not exist here yet' : `${loses} here are replaced`;
  return `${database} has ${writes ?? 'nothing'} there, and ${replaced}`.replace('and does', 'which does');
}

function maskSentences(tables: readonly AccountOfTable[]): readonly string[] {
  const masked = tables
    .flatMap(({ columns }) => columns)
    .filter(({ rule }) => rule === 'hash' || rule === 'null').length;
  const out = tables.filter(({ how }) => how === 'excluded').map(({ table }) => table);
  const open = unruled(tables);
  return [
    masked === 0
      ? 'No column is masked.'
      : `${quantity(masked, 'column')} ${masked === 1 ? 'is' : 'are'} masked.`,
    ...(out.length === 0 ? [] : [`Without its rows: ${out.join(', ')}.`]),
    ...(open.length === 0
      ? []
      : [`Copied as it is, though it looks personal: ${columnsText(tables, open)}.`]),
  ];
}

function onTop(sources: readonly Source[], from: string): readonly string[] {
  const tags = sources.flatMap(({ selected }) => selected.map(({ tag }) => tag));
  if (tags.length === 0) return [];
  return [
    `${tags.length === 1 ? tags[0] : count(tags.length)} ${tags.length === 1 ? 'runs' : 'migrations run'} on top, which ${from} does not have.`,
  ];
}

function unruled(tables: readonly AccountOfTable[]): readonly Acceptance[] {
  return tables.flatMap(({ table, columns }) =>
    columns.flatMap(({ column, rule, looksLike }) =>
      rule === 'none'
        ? [
            {
              flag: '--accept-unmasked' as const,
              value: `${table}.${column}`,
              says: `${table}.${column} looks like ${looksLike ?? 'something personal'} and has no rule.`,
              reason: 'not-needed' as const,
            },
          ]
        : [],
    ),
  );
}

/** `users.email (an e-mail address), users.phone (a phone number)` */
function columnsText(tables: readonly AccountOfTable[], open: readonly Acceptance[]): string {
  const said = tables.flatMap(({ table, columns }) =>
    columns.flatMap(({ column, looksLike }) =>
      open.some(({ value }) => value === `${table}.${column}`)
        ? [`${table}.${column} (${looksLike ?? 'something personal'})`]
        : [],
    ),
  );
  return [...new Set(said)].join(', ');
}
