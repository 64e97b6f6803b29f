import { foldName } from '../sql/cursor.ts';
import type { ForeignKey } from './schema.ts';

/** What becomes of rows that refer to a table while that is dropped with foreign keys on. */
export interface Referring {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly onDelete: ForeignKey['onDelete'];
  /** `in-the-way`: they make the DROP, or the commit, fail. */
  readonly fate: 'deleted' | 'cleared' | 'in-the-way';
}

/**
 * Everything that dropping a table reaches: what refers to it, and through every table whose rows are deleted
 * what refers to that. A table's references to itself go with its rows and are left out.
 */
export function referringTo(table: string, foreignKeys: readonly ForeignKey[]): readonly Referring[] {
  const emptied = new Set([foldName(table)]);
  const open = [...emptied];
  const found: Referring[] = [];
  for (let parent = open.shift(); parent !== undefined; parent = open.shift()) {
    for (const key of foreignKeys.filter((each) => foldName(each.parent) === parent)) {
      const child = foldName(key.table);
      if (child === foldName(table) || child === parent) continue;
      found.push({ ...key, fate: fateOf(key) });
      if (key.onDelete !== 'CASCADE' || emptied.has(child)) continue;
      emptied.add(child);
      open.push(child);
    }
  }
  return found;
}

function fateOf({ onDelete }: ForeignKey): Referring['fate'] {
  switch (onDelete) {
    case 'CASCADE':
      return 'deleted';
    case 'SET NULL':
    case 'SET DEFAULT':
      return 'cleared';
    case 'NO ACTION':
    case 'RESTRICT':
      return 'in-the-way';
  }
}
