import type { CopyRules } from '../../sql/copy-rules.ts';
import { foldName } from '../../sql/cursor.ts';
import { quoteName } from '../../sql/quote.ts';
import { rulesOf } from '../masks.ts';
import type { AskRaw, DumpSource, DumpTable, SchemaObject, VirtualTable } from './dump-source.ts';

/** A dump's source, sorted by what is done with each part where not everything is copied as it is. */
export interface SortedDump {
  readonly tables: readonly DumpTable[];
  /** Those whose rows are brought over, virtual ones among them. */
  readonly filled: readonly DumpTable[];
  /** Virtual tables that are created, with the tables behind them, instead of copied. */
  readonly remade: readonly VirtualTable[];
  /** Virtual tables that are copied with the tables behind them. */
  readonly virtual: readonly VirtualTable[];
  readonly later: readonly SchemaObject[];
  /** Names of full-text tables that read their rows anew at the end. */
  readonly rebuilt: readonly string[];
  /** Whether a column of the table is masked. */
  readonly isMasked: (table: string) => boolean;
}

/** @param attached the name of the source, where it is attached to the same connection */
export async function sortByRules(
  { tables, virtual, later }: DumpSource,
  rules: CopyRules = { tables: [] },
  ask: AskRaw,
  attached?: string,
): Promise<SortedDump> {
  const how = (name: string) => rulesOf(name, rules)?.rows;
  const remade = virtual.filter(({ name }) => rulesOf(name, rules) !== undefined);
  const behind = (table: DumpTable) => table.isBehindVirtual && remade.some((of) => isBehind(table, of));
  const plain = tables.filter((table) => !behind(table));
  const copied = remade.filter(({ name }) => how(name) === 'copied');
  return {
    tables: plain,
    filled: [
      ...plain.filter(({ name }) => how(name) !== 'left-out'),
      ...(await Promise.all(copied.map((table) => asTable(table, ask, attached)))),
    ],
    remade,
    virtual: virtual.filter((table) => !remade.includes(table)),
    later,
    rebuilt: remade.flatMap(({ name }) => (how(name) === 'rebuilt' ? [name] : [])),
    isMasked: (name) => (rulesOf(name, rules)?.columns.length ?? 0) > 0,
  };
}

function isBehind({ name }: DumpTable, virtual: VirtualTable): boolean {
  return foldName(name).startsWith(`${foldName(virtual.name)}_`);
}

/** The rows of a virtual table, read and written through itself. */
async function asTable(
  { name, sql, columns }: VirtualTable,
  ask: AskRaw,
  attached: string | undefined,
): Promise<DumpTable> {
  const from = attached === undefined ? '' : `${attached}.`;
  const [answer] = await ask([`SELECT count(*) FROM ${from}${quoteName(name)}`]);
  const rows = Number(answer?.rows[0]?.[0]);
  return { name, sql, isBehindVirtual: false, columns, key: ['rowid'], keyIs: 'rowid', rows };
}
