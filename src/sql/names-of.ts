import type { StatementKind } from './classify.ts';

/** What a statement makes, changes, drops or writes to. A column, an alias or a common table may be called anything. */
export function namesOf(kind: StatementKind): readonly string[] {
  switch (kind.kind) {
    case 'create-table':
    case 'create-virtual-table':
    case 'drop-table':
    case 'insert':
    case 'update':
    case 'delete':
      return [kind.table];
    case 'alter-table':
      return kind.action.kind === 'rename-table' ? [kind.table, kind.action.to] : [kind.table];
    case 'create-index':
    case 'drop-index':
      return [kind.index];
    case 'create-view':
    case 'drop-view':
      return [kind.view];
    case 'create-trigger':
    case 'drop-trigger':
      return [kind.trigger];
    default:
      return [];
  }
}
