import { parsedTree } from './parser.ts';

/** The roles that statements name; what code in a function or a DO block does is in no text that could be read. */
export interface RolesInText {
  /** As who owns something, has a right, is meant by a policy. */
  readonly named: ReadonlySet<string>;
  /** Those of them that something is given to as its owner. */
  readonly owners: ReadonlySet<string>;
  /** Made by CREATE ROLE and its like. */
  readonly made: ReadonlySet<string>;
}

/** The roles that a statement of PostgreSQL names; none in one that PostgreSQL's own parser does not take. */
export async function rolesIn(sql: string): Promise<RolesInText> {
  const found = { named: new Set<string>(), owners: new Set<string>(), made: new Set<string>() };
  if (!mayName.test(sql)) return found;
  // The server is newer than the parser then, or has the last word anyway.
  const tree = await parsedTree(sql).catch(() => undefined);
  collect(tree, '', found);
  return found;
}

/** Most statements need not be parsed. */
const mayName = /\b(?:role|user|group|owner|owned|authorization|grant|revoke|policy|privileges)\b/i;

interface Found {
  readonly named: Set<string>;
  readonly owners: Set<string>;
  readonly made: Set<string>;
}

/** @param key what the node stands under */
function collect(node: unknown, key: string, found: Found): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const each of node) collect(each, key, found);
    return;
  }
  const { roletype, rolename, role, stmt_type: made }: Readonly<Record<string, unknown>> = { ...node };
  if (roletype === 'ROLESPEC_CSTRING' && typeof rolename === 'string') {
    found.named.add(rolename);
    if (key === 'newowner' || key === 'authrole') found.owners.add(rolename);
  }
  if (key === 'CreateRoleStmt' && made !== undefined && typeof role === 'string') found.made.add(role);
  for (const [name, value] of Object.entries(node)) collect(value, name, found);
}
