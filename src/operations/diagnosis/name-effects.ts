import { classify } from '../../sql/classify.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';

/** What a statement does to a name. */
export interface Effect {
  readonly name: string;
  /** The table that takes it along when it is dropped. */
  readonly of?: string;
  /** `clears`: gone afterwards, whether it was there or not. */
  readonly does: 'makes' | 'removes' | 'clears';
}

/** The names that a statement makes or removes for certain, in lower case. */
export function effectsOf(sql: string): readonly Effect[] {
  return effectsOfKind(classify(sql));
}

function effectsOfKind(statement: StatementKind): readonly Effect[] {
  switch (statement.kind) {
    case 'create-table':
      return statement.temporary || statement.ifNotExists ? [] : [made(`table:${statement.table}`)];
    case 'create-virtual-table':
      return [made(`table:${statement.table}`)];
    case 'drop-table':
      return [removed(`table:${statement.table}`, statement)];
    case 'combined':
      return statement.parts.flatMap(effectsOfKind);
    case 'create-index':
      return statement.ifNotExists || statement.index === ''
        ? []
        : [ofTable(statement.table, made(`index:${statement.index}`))];
    case 'drop-index':
      return [removed(`index:${statement.index}`, statement)];
    case 'create-view':
      return statement.temporary || statement.ifNotExists || statement.replace
        ? []
        : [made(`${kindOfView(statement)}:${statement.view}`)];
    case 'drop-view':
      return [removed(`${kindOfView(statement)}:${statement.view}`, statement)];
    case 'create-trigger':
      return statement.temporary || statement.ifNotExists || statement.replace
        ? []
        : [ofTable(statement.table, made(`trigger:${nameOfTrigger(statement)}`))];
    case 'drop-trigger':
      return [removed(`trigger:${nameOfTrigger(statement)}`, statement)];
    case 'alter-table':
      return alterations(statement.table, statement.action);
    default:
      return effectsInPostgres(statement);
  }
}

const kindOfView = ({ materialized }: { readonly materialized?: true }) =>
  materialized ? 'materialized-view' : 'view';

/** In PostgreSQL triggers of two tables may share a name; only its statements run a function, or name the table to drop from. */
function nameOfTrigger(
  statement: Extract<StatementKind, { kind: 'create-trigger' | 'drop-trigger' }>,
): string {
  const { trigger, table } = statement;
  const isPostgres = statement.kind === 'drop-trigger' ? table !== undefined : statement.runs !== undefined;
  return isPostgres ? `${trigger} on ${table ?? ''}` : trigger;
}

function effectsInPostgres(statement: StatementKind): readonly Effect[] {
  switch (statement.kind) {
    case 'create-type':
      return [made(`type:${statement.type}`)];
    case 'drop-type':
      return [removed(`type:${statement.type}`, statement)];
    case 'create-schema':
      return statement.ifNotExists ? [] : [made(`schema:${statement.schema}`)];
    case 'drop-schema':
      return [removed(`schema:${statement.schema}`, statement)];
    case 'create-sequence':
      return statement.ifNotExists ? [] : [made(`sequence:${statement.sequence}`)];
    case 'drop-sequence':
      return [removed(`sequence:${statement.sequence}`, statement)];
    case 'create-policy':
      return [ofTable(statement.table, made(`policy:${statement.policy} on ${statement.table}`))];
    case 'drop-policy':
      return [removed(`policy:${statement.policy} on ${statement.table}`, statement)];
    default:
      return [];
  }
}

type Alteration = Extract<ReturnType<typeof classify>, { kind: 'alter-table' }>['action'];

function alterations(table: string, action: Alteration): readonly Effect[] {
  switch (action.kind) {
    case 'add-column':
      return [ofTable(table, made(`column:${table}.${action.column}`))];
    case 'drop-column':
      return [
        ofTable(table, removed(`column:${table}.${action.column}`, { ifExists: action.ifExists === true })),
      ];
    case 'rename-column':
      return [
        ofTable(table, removed(`column:${table}.${action.column}`)),
        ofTable(table, made(`column:${table}.${action.to}`)),
      ];
    case 'rename-table':
      return [removed(`table:${table}`), made(`table:${action.to}`)];
    default:
      return [];
  }
}

const made = (name: string): Effect => ({ name: name.toLowerCase(), does: 'makes' });

function ofTable(table: string, effect: Effect): Effect {
  return { ...effect, of: `table:${table}`.toLowerCase() };
}

function removed(name: string, { ifExists }: { readonly ifExists: boolean } = { ifExists: false }): Effect {
  return { name: name.toLowerCase(), does: ifExists ? 'clears' : 'removes' };
}
