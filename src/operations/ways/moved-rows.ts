import { foldName, sameName } from '../../sql/cursor.ts';
import { factsToAsk, referenceKey, type Facts, type Reference } from './facts.ts';
import type { HalfRun } from './half-run.ts';
import type { OpenRebuild } from './open-rebuilds.ts';
import type { KeptBackup } from './restore.ts';
import { listed, rowCount } from './words.ts';

/** What the rows say of a copy whose original is gone. */
export type MovedRows =
  | {
      readonly kind: 'proven';
      readonly checked: readonly string[];
      /** There when they say nothing against it, and nothing for it either. */
      readonly doubt?: string;
    }
  | { readonly kind: 'closed'; readonly why: string };

/**
 * Checks the table that has a rebuilt table's rows before it gets its name: against what the newest backup counted,
 * and against every row elsewhere that refers to it.
 */
export function checkMovedRows(
  half: HalfRun,
  { table, via }: OpenRebuild,
  { facts, backup }: { readonly facts: Facts; readonly backup: KeptBackup | undefined },
): MovedRows {
  const rows = facts.rows.get(foldName(via));
  if (rows === undefined) return closed(`the rows of ${via} could not be counted`);
  const then = backup?.rows.get(foldName(table));
  if (backup && then !== undefined && rows < then) {
    return closed(
      `${via} holds ${rowCount(rows)}, and backup ${backup.id} has ${rowCount(then)} of ${table}: nothing tells where the others went`,
    );
  }
  const references = factsToAsk(half).references.filter(({ parent }) => sameName(parent, via));
  const against = brokenReference(references, { table, via }, facts);
  if (against !== undefined) return closed(against);
  const counted =
    then === undefined || !backup ? '' : `; backup ${backup.id} has ${rowCount(then)} of ${table}`;
  const children = new Set(references.map(({ child }) => child).filter((child) => !sameName(child, via)));
  const checked = [
    `Table ${via} holds ${rowCount(rows)}${counted}.`,
    ...(children.size === 0
      ? []
      : [`Every row of ${listed([...children])} that refers to ${table} finds its own in ${via}.`]),
  ];
  if (rows > 0 || then !== undefined) return { kind: 'proven', checked };
  return {
    kind: 'proven',
    checked,
    doubt: `${via} is empty, and nothing tells whether ${table} was empty when it was copied`,
  };
}

/** What the first rows say that do not find their own in the copy, or that nobody could ask. */
function brokenReference(
  references: readonly Reference[],
  { table, via }: Pick<OpenRebuild, 'table' | 'via'>,
  { lost }: Facts,
): string | undefined {
  for (const reference of references) {
    const count = lost.get(referenceKey(reference));
    if (count === undefined)
      return `the rows of ${reference.child} that refer to ${table} could not be checked`;
    if (count > 0)
      return `${rowCount(count)} of ${reference.child} refer to rows of ${table} that are not in ${via}`;
  }
  return undefined;
}

function closed(why: string): MovedRows {
  return { kind: 'closed', why };
}
