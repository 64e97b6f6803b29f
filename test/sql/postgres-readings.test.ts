import { readFileSync } from 'node:fs';
import { parse } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/sql/classify.ts';
import { foldName } from '../../src/sql/cursor.ts';
import { splitPostgres } from '../../src/sql/postgres/split-postgres.ts';
import type { StatementKind } from '../../src/sql/statement-kind.ts';
import { tableDefinition } from '../../src/sql/table-definition.ts';

async function statementsOf(file: string): Promise<readonly string[]> {
  const read = readFileSync(new URL(`../fixtures/postgres-statements/${file}`, import.meta.url), 'utf8');
  return (await splitPostgres(read)).map(({ sql }) => sql);
}

const files = ['drizzle-kit-0.31.sql', 'drizzle-kit-1.0.sql', 'by-hand.sql'];
const statements = (await Promise.all(files.map(statementsOf))).flat();

/** A node of the parser's tree: its own types are a union of 270 names. */
interface Node {
  readonly [key: string]: Node | undefined;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
/** What a node without parts says. */
const text = (leaf: unknown) => (typeof leaf === 'string' ? leaf : '');
const items = (node: unknown): readonly Node[] => (Array.isArray(node) ? node.filter(isNode) : []);
const inside = (node: Node | undefined) => Object.entries(node ?? {})[0] ?? [];

async function treeOf(sql: string): Promise<readonly [type: string, node: Node]> {
  const { stmts = [] } = await parse(sql);
  const root: unknown = stmts[0]?.stmt;
  const [type, node] = isNode(root) ? inside(root) : [];
  if (type === undefined || !node) throw new Error(`No statement in ${sql}`);
  return [type, node];
}

test('there are statements enough to tell', () => {
  expect(statements.length).toBeGreaterThan(200);
});

describe('what a statement does is what the parser of PostgreSQL says', () => {
  test.each(statements)('%s', async (sql) => {
    const [type, node] = await treeOf(sql);
    expect(said(classify(sql))).toEqual(expected(type, node));
  });
});

describe('the columns of a table are those that the parser sees', () => {
  const creating = statements.filter(
    (sql) => /^create(?: unlogged)? table/i.test(sql) && !/ AS SELECT/.test(sql),
  );
  test.each(creating)('%s', async (sql) => {
    const definition = tableDefinition(sql);
    const [, node] = await treeOf(sql);
    const columns = items(node.tableElts).flatMap((each) =>
      each.ColumnDef ? [text(each.ColumnDef.colname)] : [],
    );
    if (definition) expect(definition.columns.map(({ name }) => foldName(name))).toEqual(columns);
    // LIKE and EXCLUDE are left to the server; PARTITION OF names no columns.
    else expect(sql).toMatch(/LIKE u|EXCLUDE USING|PARTITION OF/);
  });
});

/** One line for each change in a statement: its kind and what it is about, in lower case. */
function said(kind: StatementKind): readonly string[] {
  if (kind.kind === 'combined') return kind.parts.flatMap(said);
  if (kind.kind === 'alter-table') return [`alter-table ${foldName(kind.table)} ${kind.action.kind}`];
  if (kind.kind === 'truncate') return [`truncate ${kind.tables.map(foldName).join(' ')} ${kind.cascade}`];
  if (kind.kind === 'lock') return [`lock ${kind.tables.map(foldName).join(' ')}`];
  if (kind.kind === 'create-index')
    return [
      `create-index ${foldName(kind.index)} ${foldName(kind.table)} ${kind.unique} ${kind.concurrently ?? false}`,
    ];
  if (kind.kind === 'create-table')
    return [`create-table ${foldName(kind.table)} ${kind.temporary} ${kind.partitionOf ?? ''}`.trim()];
  if (kind.kind === 'transaction') return [`transaction ${kind.verb}`];
  if (kind.kind === 'insert') return [`insert ${foldName(kind.table)} ${kind.upsert}`];
  return [[kind.kind, ...aboutOf(kind).map(foldName)].join(' ')];
}

const about = ['policy', 'trigger', 'table', 'index', 'view', 'type', 'sequence', 'function', 'extension'];

function aboutOf(kind: StatementKind): readonly string[] {
  const found = [...about, 'schema', 'procedure'].flatMap((key) => {
    const value: unknown = Object.entries(kind).find(([name]) => name === key)?.[1];
    return typeof value === 'string' ? [value] : [];
  });
  return found;
}

function relation(node: Node | undefined): string {
  const schema = node?.schemaname;
  const name = text(node?.relname);
  return foldName(schema === undefined || text(schema) === 'public' ? name : `${text(schema)}.${text(name)}`);
}

function qualified(names: Node | undefined): string {
  const parts = items(names).map((each) => text(each.String?.sval));
  const [schema, name] = parts.length > 1 ? parts : [undefined, parts[0]];
  return foldName(schema === undefined || schema === 'public' ? text(name) : `${text(schema)}.${text(name)}`);
}

const isTemporary = (node: Node | undefined) => text(node?.relpersistence) === 't';

function expected(type: string, node: Node): readonly string[] {
  const make = making[type];
  if (!make) throw new Error(`The test has no word for ${type}`);
  const line = make(node);
  return typeof line === 'string' ? [line] : line;
}

function withChanges(node: Node, line: string): readonly string[] {
  const changes = items(node.withClause?.ctes).flatMap((each) => {
    const [type, query] = inside(each.CommonTableExpr?.ctequery);
    return type === undefined || type === 'SelectStmt' || !query ? [] : expected(type, query);
  });
  return [...changes, line];
}

const making: Readonly<Record<string, (node: Node) => string | readonly string[]>> = {
  CreateStmt: (node) => {
    const parent = node.partbound ? ` ${relation(items(node.inhRelations)[0]?.RangeVar)}` : '';
    return `create-table ${relation(node.relation)} ${isTemporary(node.relation)}${parent}`;
  },
  CreateForeignTableStmt: (node) => `create-table ${relation(node.base?.relation)} false`,
  CreateTableAsStmt: (node) =>
    text(node.objtype) === 'OBJECT_MATVIEW'
      ? `create-view ${relation(node.into?.rel)}`
      : `create-table ${relation(node.into?.rel)} ${isTemporary(node.into?.rel)}`,
  SelectStmt: (node) =>
    withChanges(node, node.intoClause ? `create-table ${relation(node.intoClause.rel)} false` : 'select'),
  DropStmt: (node) => dropped(node),
  AlterTableStmt: (node) => altered(node),
  AlterObjectSchemaStmt: (node) =>
    text(node.objectType) === 'OBJECT_TABLE'
      ? `alter-table ${relation(node.relation)} set-schema`
      : `alter-view ${relation(node.relation)}`,
  RenameStmt: (node) => renamed(node),
  IndexStmt: (node) =>
    `create-index ${indexName(node)} ${relation(node.relation)} ${node.unique !== undefined} ${node.concurrent !== undefined}`,
  ViewStmt: (node) => `create-view ${relation(node.view)}`,
  RefreshMatViewStmt: (node) => `refresh-view ${relation(node.relation)}`,
  CreateTrigStmt: (node) => `create-trigger ${text(node.trigname)} ${relation(node.relation)}`,
  InsertStmt: (node) =>
    withChanges(
      node,
      `insert ${relation(node.relation)} ${text(node.onConflictClause?.action) === 'ONCONFLICT_UPDATE'}`,
    ),
  UpdateStmt: (node) => withChanges(node, `update ${relation(node.relation)}`),
  DeleteStmt: (node) => withChanges(node, `delete ${relation(node.relation)}`),
  MergeStmt: (node) => `merge ${relation(node.relation)}`,
  TruncateStmt: (node) =>
    `truncate ${items(node.relations)
      .map((each) => relation(each.RangeVar))
      .join(' ')} ${text(node.behavior) === 'DROP_CASCADE'}`,
  CopyStmt: (node) => `copy ${relation(node.relation)}`,
  LockStmt: (node) =>
    `lock ${items(node.relations)
      .map((each) => relation(each.RangeVar))
      .join(' ')}`,
  CreateSchemaStmt: (node) => `create-schema ${text(node.schemaname)}`,
  CreateEnumStmt: (node) => `create-type ${qualified(node.typeName)}`,
  CompositeTypeStmt: (node) => `create-type ${relation(node.typevar)}`,
  CreateRangeStmt: (node) => `create-type ${qualified(node.typeName)}`,
  CreateDomainStmt: (node) => `create-type ${qualified(node.domainname)}`,
  AlterEnumStmt: (node) => `alter-type ${qualified(node.typeName)}`,
  AlterDomainStmt: (node) => `alter-type ${qualified(node.typeName)}`,
  CreateSeqStmt: (node) => `create-sequence ${relation(node.sequence)}`,
  AlterSeqStmt: (node) => `alter-sequence ${relation(node.sequence)}`,
  CreateFunctionStmt: (node) => `create-function ${qualified(node.funcname)}`,
  DefineStmt: (node) => `create-function ${qualified(node.defnames)}`,
  CallStmt: (node) => `call ${qualified(node.funccall?.funcname)}`,
  DoStmt: () => 'do',
  CreateExtensionStmt: (node) => `create-extension ${text(node.extname)}`,
  AlterExtensionStmt: (node) => `alter-extension ${text(node.extname)}`,
  CreatePolicyStmt: (node) => `create-policy ${foldName(text(node.policy_name))} ${relation(node.table)}`,
  AlterPolicyStmt: (node) => `alter-policy ${foldName(text(node.policy_name))} ${relation(node.table)}`,
  CommentStmt: () => 'comment',
  GrantStmt: () => 'grant',
  AlterDefaultPrivilegesStmt: () => 'grant',
  CreateRoleStmt: () => 'grant',
  AlterRoleSetStmt: () => 'grant',
  DropRoleStmt: () => 'grant',
  VariableSetStmt: () => 'set',
  ConstraintsSetStmt: () => 'set',
  TransactionStmt: (node) => `transaction ${verbs[text(node.kind)] ?? ''}`,
  VacuumStmt: (node) => (node.is_vacuumcmd ? 'vacuum' : 'analyze'),
  ReindexStmt: () => 'reindex',
  ExplainStmt: (node) => {
    const [type, query] = inside(node.query);
    return node.options && type !== undefined && query ? expected(type, query) : 'select';
  },
  CreatedbStmt: () => 'server',
  AlterSystemStmt: () => 'server',
  CreateStatsStmt: () => 'unknown',
  RuleStmt: () => 'unknown',
};

const verbs: Readonly<Record<string, string>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
  TRANS_STMT_SAVEPOINT: 'savepoint',
  TRANS_STMT_RELEASE: 'release',
};

/** An index is in its table's schema. */
function indexName(node: Node): string {
  const name = text(node.idxname ?? '');
  const schema = node.relation?.schemaname;
  return name === '' || schema === undefined || text(schema) === 'public'
    ? name
    : `${text(schema)}.${text(name)}`;
}

function dropped(node: Node): readonly string[] {
  const type = text(node.removeType);
  return items(node.objects).map((each) => {
    const list = each.List?.items;
    if (type === 'OBJECT_TRIGGER' || type === 'OBJECT_POLICY') {
      const names = items(list).map((part) => text(part.String?.sval));
      const [schema, table, name] = names.length === 3 ? names : [undefined, ...names];
      const on = schema === undefined || schema === 'public' ? table : `${schema}.${table ?? ''}`;
      return `${type === 'OBJECT_TRIGGER' ? 'drop-trigger' : 'drop-policy'} ${name ?? ''} ${on ?? ''}`;
    }
    if (each.String) return `${removals[type] ?? type} ${text(each.String.sval)}`;
    return `${removals[type] ?? type} ${qualified(list ?? each.TypeName?.names ?? each.ObjectWithArgs?.objname)}`;
  });
}

const removals: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'drop-table',
  OBJECT_FOREIGN_TABLE: 'drop-table',
  OBJECT_INDEX: 'drop-index',
  OBJECT_VIEW: 'drop-view',
  OBJECT_MATVIEW: 'drop-view',
  OBJECT_SCHEMA: 'drop-schema',
  OBJECT_TYPE: 'drop-type',
  OBJECT_DOMAIN: 'drop-type',
  OBJECT_SEQUENCE: 'drop-sequence',
  OBJECT_FUNCTION: 'drop-function',
  OBJECT_PROCEDURE: 'drop-function',
  OBJECT_EXTENSION: 'drop-extension',
};

function renamed(node: Node): string {
  const type = text(node.renameType);
  switch (type) {
    case 'OBJECT_TABLE':
      return `alter-table ${relation(node.relation)} rename-table`;
    case 'OBJECT_COLUMN':
      return `alter-table ${relation(node.relation)} rename-column`;
    case 'OBJECT_TABCONSTRAINT':
      return `alter-table ${relation(node.relation)} rename-constraint`;
    case 'OBJECT_INDEX':
      return `alter-index ${relation(node.relation)}`;
    case 'OBJECT_VIEW':
      return `alter-view ${relation(node.relation)}`;
    case 'OBJECT_POLICY':
      return `alter-policy ${text(node.subname)} ${relation(node.relation)}`;
    case 'OBJECT_TYPE':
      return `alter-type ${qualified(node.object?.List?.items)}`;
    case 'OBJECT_FUNCTION':
      return `alter-function ${qualified(node.object?.ObjectWithArgs?.objname)}`;
    default:
      throw new Error(`The test has no word for ${type}`);
  }
}

function altered(node: Node): readonly string[] {
  const table = relation(node.relation);
  if (text(node.objtype) === 'OBJECT_INDEX') return [`alter-index ${table}`];
  if (text(node.objtype) === 'OBJECT_TYPE') return [`alter-type ${table}`];
  return items(node.cmds).map(({ AlterTableCmd: command }) => {
    const subtype = text(command?.subtype);
    if (subtype === 'AT_ColumnDefault' && !command?.def) return `alter-table ${table} drop-default`;
    const missing = subtype === 'AT_AddColumn' && command?.missing_ok ? '-if-missing' : '';
    return `alter-table ${table} ${actions[subtype] ?? subtype}${missing}`;
  });
}

const actions: Readonly<Record<string, string>> = {
  AT_AddColumn: 'add-column',
  AT_DropColumn: 'drop-column',
  AT_AlterColumnType: 'set-type',
  AT_ColumnDefault: 'set-default',
  AT_SetNotNull: 'set-not-null',
  AT_DropNotNull: 'drop-not-null',
  AT_AddConstraint: 'add-constraint',
  AT_DropConstraint: 'drop-constraint',
  AT_ValidateConstraint: 'validate-constraint',
  AT_AttachPartition: 'attach-partition',
  AT_DetachPartition: 'detach-partition',
  AT_AddIdentity: 'column-option',
  AT_SetIdentity: 'column-option',
  AT_DropIdentity: 'column-option',
  AT_DropExpression: 'column-option',
  AT_SetStatistics: 'column-option',
  AT_SetStorage: 'column-option',
  AT_SetExpression: 'rewrite',
  AT_SetUnLogged: 'rewrite',
  AT_AlterConstraint: 'table-option',
  AT_SetRelOptions: 'table-option',
  AT_EnableTrigAll: 'table-option',
  AT_EnableRowSecurity: 'table-option',
  AT_DisableRowSecurity: 'table-option',
  AT_ForceRowSecurity: 'table-option',
  AT_NoForceRowSecurity: 'table-option',
  AT_ChangeOwner: 'table-option',
  AT_ReplicaIdentity: 'table-option',
};
