import { some } from '../../migrations/some.ts';
import type { Migration } from '../../migrations/migration.ts';
import type { SchemaDifference } from '../../schema/schema.ts';
import { classify, partsOf } from '../../sql/classify.ts';
import { foldName } from '../../sql/cursor.ts';
import { namesOf as named } from '../../sql/names-of.ts';

/** A migration that one side has and the other has not, with what that is in words: `is unrecorded in local`. */
export interface Suspect {
  readonly migration: Pick<Migration, 'tag' | 'statements'>;
  readonly says: string;
  /** `what-it-makes`: it is to have been run by nobody, so that it explains only an object of a name that it makes. */
  readonly explains?: 'what-it-makes';
}

/**
 * Guesses why an object differs: a migration that only one side has and that is about it, else somebody who changed
 * it without one.
 *
 * @param sides what is compared; only against its own migrations can a target be said to have been changed by hand
 */
export function driftCauses(
  suspects: readonly Suspect[],
  sides: 'with-its-migrations' | 'of-two-places',
): (difference: SchemaDifference) => string | undefined {
  const known = suspects.map((suspect) => ({ ...suspect, about: namesIn(suspect.migration) }));
  return ({ type, name, left, right, change }) => {
    const table = type === 'table' || type === 'view' ? name : tableOf(right ?? left ?? '');
    const wanted = [name, table].map((each) => foldName(plain(each)));
    const found = known.filter(({ about, explains }) =>
      explains === undefined
        ? wanted.some((each) => about.has(each))
        : change === 'added' && about.has(foldName(name)),
    );
    const [first] = found;
    if (first) {
      return found.length === 1
        ? `${first.migration.tag} ${first.says}`
        : `${some(found.map(({ migration }) => migration.tag))} are not in both`;
    }
    if (sides === 'of-two-places') return undefined;
    return change === 'removed'
      ? 'no migration drops it: dropped by hand, or by drizzle-kit push'
      : 'in no migration: set by hand, by the application, or by drizzle-kit push';
  };
}

/** Names of tables, indexes, views and triggers that its statements make, change or drop, in lower case. */
function namesIn({ statements }: Suspect['migration']): ReadonlySet<string> {
  return new Set(statements.flatMap(({ sql }) => namesOf(sql)).map((name) => foldName(plain(name))));
}

/** What only writes rows changes no schema. */
function namesOf(sql: string): readonly string[] {
  const definitions = partsOf(classify(sql)).filter(({ kind }) => /^(?:create|drop|alter)-/.test(kind));
  return definitions.flatMap(named);
}

/** A rebuild makes the table under another name first. */
function plain(name: string): string {
  return name.replace(/^__new_/, '');
}

/** The table that an index or a trigger is on, from its text in our own style. */
function tableOf(display: string): string {
  const [, quoted, bare] = /\bON (?:ONLY )?(?:"((?:[^"]|"")+)"|(\w+(?:\.\w+)?))/.exec(display) ?? [];
  return quoted?.replaceAll('""', '"') ?? bare ?? '';
}
