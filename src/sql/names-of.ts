import type { StatementKind } from './statement-kind.ts';

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
    case 'combined':
      return kind.parts.flatMap(namesOf);
    case 'truncate':
      return kind.tables;
    case 'merge':
    case 'copy':
      return [kind.table];
    case 'alter-index':
      return kind.renamedTo === undefined ? [kind.index] : [kind.index, kind.renamedTo];
    case 'alter-view':
    case 'refresh-view':
      return [kind.view];
    case 'create-schema':
    case 'drop-schema':
      return [kind.schema];
    case 'create-type':
    case 'alter-type':
    case 'drop-type':
      return [kind.type];
    case 'create-sequence':
    case 'alter-sequence':
    case 'drop-sequence':
      return [kind.sequence];
    case 'create-function':
    case 'alter-function':
    case 'drop-function':
      return [kind.function];
    case 'create-policy':
    case 'alter-policy':
    case 'drop-policy':
      return [kind.policy, kind.table];
    case 'create-extension':
    case 'alter-extension':
    case 'drop-extension':
      return [kind.extension];
    default:
      return [];
  }
}
