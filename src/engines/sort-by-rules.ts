import type { CopyRules } from '../sql/copy-rules.ts';
import { foldName } from '../sql/cursor.ts';
import { rulesOf } from './masks.ts';

/** A source, sorted by what is done with each part where not everything is copied as it is. */
export interface Sorted<Table, Virtual> {
  readonly tables: readonly Table[];
  /** Those whose rows are brought over, virtual ones among them. */
  readonly filled: readonly Table[];
  /** Virtual tables that are created, with the tables behind them, instead of copied. */
  readonly remade: readonly Virtual[];
  /** Virtual tables that are copied with the tables behind them. */
  readonly virtual: readonly Virtual[];
  /** Names of full-text tables that read their rows anew at the end. */
  readonly rebuilt: readonly string[];
  /** Whether a column of the table is masked. */
  readonly isMasked: (table: string) => boolean;
}

interface SourceTable {
  readonly name: string;
  /** Whether it is one of those that a virtual table keeps its content in. */
  readonly isBehindVirtual: boolean;
}

/** @param asTable the rows of a virtual table, read and written through itself */
export async function sortByRules<Table extends SourceTable, Virtual extends { readonly name: string }>(
  { tables, virtual }: { readonly tables: readonly Table[]; readonly virtual: readonly Virtual[] },
  rules: CopyRules = { tables: [] },
  asTable: (table: Virtual) => Promise<Table>,
): Promise<Sorted<Table, Virtual>> {
  const how = (name: string) => rulesOf(name, rules)?.rows;
  const remade = virtual.filter(({ name }) => how(name) !== undefined);
  const isRemade = ({ name, isBehindVirtual }: Table) =>
    isBehindVirtual && remade.some((of) => foldName(name).startsWith(`${foldName(of.name)}_`));
  const plain = tables.filter((table) => !isRemade(table));
  const copied = remade.filter(({ name }) => how(name) === 'copied');
  return {
    tables: plain,
    filled: [
      ...plain.filter(({ name }) => how(name) !== 'left-out'),
      ...(await Promise.all(copied.map(asTable))),
    ],
    remade,
    virtual: virtual.filter((table) => !remade.includes(table)),
    rebuilt: remade.flatMap(({ name }) => (how(name) === 'rebuilt' ? [name] : [])),
    isMasked: (name) => (rulesOf(name, rules)?.columns.length ?? 0) > 0,
  };
}
