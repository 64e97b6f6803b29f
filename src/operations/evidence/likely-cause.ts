import type { ForeignKey } from '../../schema/schema.ts';
import { foldName } from '../../sql/cursor.ts';
import type { Cause } from './evidence.ts';
import type { Lineage } from './lineage.ts';

/** What was lost. */
export type Lost =
  { readonly kind: 'rows' } | { readonly kind: 'nulled' | 'values'; readonly column: string };

export interface Surroundings {
  readonly lineages: readonly Lineage[];
  readonly foreignKeys: readonly ForeignKey[];
}

/** The most likely reason of a loss, in words that follow "likely": a foreign key's action, a rebuild's copy, a trigger. */
export function likelyCause(lost: Lost, lineage: Lineage, surroundings: Surroundings): string {
  const action = actionOn(lost, lineage, surroundings, new Set());
  if (action !== undefined) return action;
  const rebuild = lineage.causes.find(({ verb }) => verb === 'rebuild');
  if (rebuild) return `the rebuild in ${placeOf(rebuild)}, ${copying[lost.kind]}`;
  return 'a trigger that one of the statements fires';
}

const copying = {
  rows: 'whose copy leaves rows out',
  nulled: 'whose copy leaves this column out or stores NULL in it',
  values: 'whose copy stores other values, or the same under a type that changes them',
} as const;

function actionOn(
  lost: Lost,
  lineage: Lineage,
  surroundings: Surroundings,
  seen: Set<Lineage>,
): string | undefined {
  seen.add(lineage);
  for (const key of surroundings.foreignKeys) {
    if (!lineage.names.has(foldName(key.table)) || !doesIt(key, lost)) continue;
    const parent = surroundings.lineages.find(({ names }) => names.has(foldName(key.parent)));
    const cause = parent && takingRows(parent);
    if (cause) return `ON DELETE ${key.onDelete} from ${key.parent}, ${placeOf(cause)}`;
    const further =
      parent && !seen.has(parent) ? actionOn({ kind: 'rows' }, parent, surroundings, seen) : undefined;
    if (further !== undefined)
      return `ON DELETE ${key.onDelete} from ${key.parent}, which loses rows by ${further}`;
  }
  return undefined;
}

function doesIt({ onDelete, columns }: ForeignKey, lost: Lost): boolean {
  if (lost.kind === 'rows') return onDelete === 'CASCADE';
  const wanted = lost.kind === 'nulled' ? onDelete === 'SET NULL' : onDelete === 'SET DEFAULT';
  return wanted && columns.some((column) => foldName(column) === foldName(lost.column));
}

/** A DROP deletes the table's rows first, also that of a rebuild. */
function takingRows({ causes }: Lineage): Cause | undefined {
  return causes.find(
    ({ verb }) => verb === 'delete' || verb === 'drop' || verb === 'rebuild' || verb === 'replace',
  );
}

const placeOf = ({ tag, statement }: Cause) => `${tag} statement ${statement}`;
