import { basename } from 'node:path';
import { count } from '../../lib/numbers.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Migration } from '../../migrations/migration.ts';
import { changedParts, partsOf } from '../../schema/parts.ts';
import type { Schema } from '../../schema/schema.ts';
import { differingParts, type DifferingPart } from '../history/folder-fit.ts';
import { rollbackDiffers } from '../../rules/file-rules.ts';
import { foldName, isName } from '../../sql/cursor.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import type { Finding } from '../reports.ts';

/** What the files up to there make could not be told. */
export const unprovenRule = 'rollback-unproven';

/** What the files make in a database without rows. */
export interface RollbackPoints {
  /** The schema where those that stay have run, and after each further one of those that have a record. */
  readonly schemas: readonly Schema[];
  /** Why there are no more. */
  readonly stopped?: string;
}

export interface LeftOverInput {
  readonly database: string;
  /** The newest migration that stays applied; undefined: none. */
  readonly stays: string | undefined;
  /** With the statements of their rollback files, newest first. */
  readonly undone: readonly Migration[];
  readonly points: RollbackPoints;
  /** The target's schema before anything runs, and that in which the rehearsal ended. */
  readonly before: Schema;
  readonly after: Schema;
}

/**
 * Whether the schema after a rollback is that of the files that stay applied: what is left behind and what is missing,
 * by name, with the migration whose rollback file should have seen to it. What differed before is no fault of the
 * rollback, and is left out.
 */
export function leftOver(input: LeftOverInput): readonly Finding[] {
  const { undone, points, before, after } = input;
  const [staying] = points.schemas;
  if (!staying) return [unproven(input)];
  const now = points.schemas[undone.length];
  const was = new Set(now ? differingParts(partsOf(now), partsOf(before)).map(keyOf) : []);
  const differing = differingParts(partsOf(staying), partsOf(after)).filter((part) => !was.has(keyOf(part)));
  const byTag = Map.groupBy(differing, ({ key }) => concerned(key, input)?.tag ?? '');
  return undone.flatMap((migration) => {
    const parts = byTag.get(migration.tag) ?? [];
    return parts.length === 0 ? [] : [notBack(input, migration, parts)];
  });
}

const keyOf = ({ key, kind }: DifferingPart) => `${kind} ${key}`;

/**
 * The migration that changed a part last; where none of them touched it, the last whose rollback file names it, else
 * the oldest, which ran last.
 */
function concerned(key: string, { undone, points: { schemas } }: LeftOverInput): Migration | undefined {
  const last = schemas.findLastIndex((schema, index) => {
    const before = schemas[index - 1];
    return before !== undefined && changedParts(partsOf(before), partsOf(schema)).has(key);
  });
  const changed = last > 0 ? undone[undone.length - last] : undefined;
  return changed ?? undone.findLast(({ statements }) => names(statements, key)) ?? undone.at(-1);
}

function names(statements: Migration['statements'], key: string): boolean {
  const [, ...wanted] = namesIn(key);
  return statements.some(({ sql }) => {
    const named = new Set(namesIn(sql));
    return wanted.every((name) => named.has(name));
  });
}

/** In lower case. */
function namesIn(text: string): readonly string[] {
  return meaningfulTokens(text)
    .filter(isName)
    .map((token) => foldName(nameOf(token)));
}

function notBack(
  { database, stays }: LeftOverInput,
  { tag, file, statements }: Migration,
  parts: readonly DifferingPart[],
): Finding {
  const upTo = stays === undefined ? 'that of an empty database' : `what the files up to ${stays} make`;
  return {
    rule: rollbackDiffers.id,
    severity: 'error',
    database,
    tag,
    statement: Math.max(1, statements.length),
    line: statements.at(-1)?.line ?? 1,
    message: `${basename(file)} ${listed(parts)}: the schema would not be ${upTo}.`,
    fix: `Complete ${basename(file)}, so that the schema is as it was before ${tag}.`,
  };
}

/** `leaves column users.email and lacks index users_name`. */
function listed(parts: readonly DifferingPart[]): string {
  const byKind = Map.groupBy(parts, ({ kind }) => kind);
  return [...byKind]
    .map(([kind, ofKind]) => `${verbOf(kind)} ${some(ofKind.map(({ key }) => key))}`)
    .join(' and ');
}

function verbOf(kind: DifferingPart['kind']): string {
  switch (kind) {
    case 'more':
      return 'leaves';
    case 'missing':
      return 'does not bring back';
    case 'other':
      return 'leaves in another form';
    default:
      return unreachable(kind);
  }
}

function some(keys: readonly string[]): string {
  const more = keys.length - most;
  return more > 0 ? `${keys.slice(0, most).join(', ')} and ${count(more)} more` : keys.join(', ');
}

const most = 5;

function unproven({ database, undone, points: { stopped } }: LeftOverInput): Finding {
  const [newest] = undone;
  return {
    rule: unprovenRule,
    severity: 'warning',
    database,
    tag: newest?.tag ?? '',
    statement: 1,
    line: newest?.statements[0]?.line ?? 1,
    message: `Whether the schema is afterwards that of the files up to there is not proven${stopped === undefined ? '' : `: ${stopped}`}.`,
  };
}
