import { MigrateError } from '../lib/errors.ts';
import { safe } from '../lib/safe-text.ts';

/**
 * The tag of each file that wrangler runs: its name without `.sql`, or its folder's where Drizzle 1.0 gave it one.
 * Files that would share a tag keep their whole names. Throws `MigrateError` `migrations` when even then two share one.
 *
 * @param names paths relative to the folder, with forward slashes
 */
export function tagsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const sharing = Map.groupBy(names, shortName);
  const tags = new Map(
    names.map((name) => [name, sharing.get(shortName(name))?.length === 1 ? shortName(name) : name]),
  );
  const seen = new Map<string, string>();
  for (const [name, tag] of tags) {
    const other = seen.get(tag);
    if (other !== undefined) throw sameTag(name, other, tag);
    seen.set(tag, name);
  }
  return tags;
}

function shortName(name: string): string {
  return name.replace(/(?<=[^/])\/migration\.sql$|\.sql$/, '');
}

function sameTag(name: string, other: string, tag: string): MigrateError {
  const [first, second, both] = [other, name, tag].map((text) => safe(text, { lines: 'one' }));
  return new MigrateError('migrations', `Migration files ${first} and ${second} both go by the name ${both}`, {
    next: 'Rename one of them, unless it was applied already.',
  });
}
