import type { Structure } from '../../schema/structure.ts';
import { sameName } from '../../sql/cursor.ts';
import type { CopiedTable } from './copied-tables.ts';

/**
 * Tables that a trigger fills from one whose columns are masked, and that have no rule of their own: nobody can see from
 * the outside whether they repeat what is masked.
 *
 * @returns one sentence each
 */
export function unmaskedCopies(
  { tables: all }: Structure,
  tables: readonly CopiedTable[],
): readonly string[] {
  const find = (name: string) => tables.find(({ table }) => sameName(table, name));
  return all.flatMap(({ name, kind, fedBy }) => {
    if (kind !== 'table' || find(name)?.how !== 'kept') return [];
    const masked = fedBy.filter((from) => find(from)?.how === 'masked');
    if (masked.length === 0) return [];
    return [
      `${name} is filled by a trigger of ${masked.join(', ')}, which is masked, and is copied as it is: a rule for its columns masks what it repeats.`,
    ];
  });
}
