import {
  doors,
  firstWords,
  lastWords,
  ofDoors,
  ofPeople,
  people,
  suspicions,
  type Suspicion,
} from './personal-words.ts';

/**
 * What the name of a column says about its values. Nobody can see it from the name alone: a name that is hit by mistake
 * costs a rule `keep`; one that is missed would cost more. So a word is looked for wherever it stands in the name, and
 * what plainly speaks about the value instead of holding it (`email_verified`, `token_count`) is let go.
 */
export function looksPersonal({
  table,
  column,
  type,
}: {
  readonly table: string;
  readonly column: string;
  /** As declared. */
  readonly type: string;
}): Suspicion | undefined {
  const words = wordsOf(column);
  if (speaksAbout(words, type)) return undefined;
  const joined = words.join(' ');
  const found = suspicions.find(({ words: wanted }) => wanted.some((word) => has(joined, word)));
  if (found) return found;
  if (ofDoors.words.includes(joined) && opensDoors(table, type)) return ofDoors;
  if (!isAboutPeople(table)) return undefined;
  return ofPeople.find(({ words: wanted }) => wanted.some((word) => has(joined, word)));
}

function opensDoors(table: string, type: string): boolean {
  const words = wordsOf(table);
  const last = words.at(-1) ?? '';
  return !/INT/i.test(type) && (doors.has(last) || (last === 'key' && words.at(-2) === 'api'));
}

function isAboutPeople(table: string): boolean {
  const last = wordsOf(table).at(-1);
  return last !== undefined && people.has(last);
}

/** `email_verified_at`, `is_email_public`, `token_count`, `address_id`: something about the value, or a pointer to it. */
function speaksAbout(words: readonly string[], type: string): boolean {
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  if (words.length < 2) return false;
  if (firstWords.has(first) || lastWords.has(last)) return true;
  // A text that ends in `id` may be the thing itself: `email_id`, `tax_id`.
  return last === 'id' && /INT/i.test(type) && !/tax|national|passport|vat/.test(first);
}

/** `customerEMail2` → customer, e, mail; in the singular. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
    .map(singular);
}

function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.endsWith('sses')) return word.slice(0, -2);
  return word.length > 3 &&
    word.endsWith('s') &&
    !word.endsWith('ss') &&
    !word.endsWith('us') &&
    !word.endsWith('is')
    ? word.slice(0, -1)
    : word;
}

function has(words: string, wanted: string): boolean {
  return ` ${words} `.includes(` ${wanted} `);
}
