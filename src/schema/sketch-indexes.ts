import type { AlterAction } from '../sql/alter.ts';
import { foldName } from '../sql/cursor.ts';
import type { StatementKind } from '../sql/statement-kind.ts';
import { meaningfulTokens } from '../sql/tokens.ts';
import { namesIn } from './sketch-columns.ts';

export interface SketchIndex {
  readonly name: string;
  /** In lower case. */
  readonly table: string;
  readonly unique: boolean;
  /** Every word and name of its columns, expressions and condition, in lower case. */
  readonly mentions: ReadonlySet<string>;
}

type Indexes = ReadonlyMap<string, SketchIndex>;

/** What a CREATE INDEX makes. */
export function indexMadeBy(
  { index, table, unique }: Extract<StatementKind, { kind: 'create-index' }>,
  sql: string,
): SketchIndex {
  let mentions: ReadonlySet<string> | undefined;
  return {
    name: index,
    table: foldName(table),
    unique,
    get mentions() {
      return (mentions ??= namesBehindTable(sql));
    },
  };
}

/** Of CREATE INDEX i ON t (…) WHERE …: all behind the table. */
function namesBehindTable(sql: string): ReadonlySet<string> {
  const all = meaningfulTokens(sql);
  const open = all.findIndex(({ text }) => text === '(');
  return namesIn(all.slice(open));
}

/** The same after ALTER TABLE … RENAME COLUMN. */
export function indexesRenamed(indexes: Indexes, table: string, action: AlterAction): Indexes {
  if (action.kind !== 'rename-column') return indexes;
  const name = (old: string) => (old === foldName(action.column) ? foldName(action.to) : old);
  return new Map(
    [...indexes].map(([at, index]) => [
      at,
      index.table === table ? { ...index, mentions: new Set([...index.mentions].map(name)) } : index,
    ]),
  );
}
