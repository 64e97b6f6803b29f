import type { Part, Parts } from '../../schema/parts.ts';
import { foldName, isName } from '../../sql/cursor.ts';
import { meaningfulTokens, nameOf } from '../../sql/tokens.ts';
import type { Replayed } from './diagnosis.ts';

/**
 * The points that the replay could not reach but the target may have: the statement that failed in the replay, or one
 * after it, names something that only the target has, so that it may have run there.
 *
 * @param partAtTheEnd a part of the schema behind the last statement that was replayed
 */
export function pointsBeyond(
  { statements, failure }: Pick<Replayed, 'statements' | 'failure'>,
  target: Parts,
  partAtTheEnd: (key: string) => Part | undefined,
): readonly number[] {
  if (!failure) return [];
  const own = [...target.values()].filter(({ key, value }) => partAtTheEnd(key)?.value !== value);
  const names = new Set(own.map(nameIn));
  const beyond = statements.slice(failure.statement - 1);
  const meets =
    failure.dependsOn === 'rows' ||
    beyond.some(({ sql }) =>
      meaningfulTokens(sql).some((token) => isName(token) && names.has(foldName(nameOf(token)))),
    );
  return meets ? beyond.map((_, at) => failure.statement + at) : [];
}

/** The column's own name, or the object's. */
function nameIn({ key, type, table }: Part): string {
  return key.slice(type === 'column' ? `column ${table}.`.length : type.length + 1);
}
