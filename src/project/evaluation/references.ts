import type { Variables } from '../dotenv.ts';

type Seen = Readonly<Record<string, string | null>>;

/**
 * The same data with every value of an environment variable that occurs in a text replaced by the variable's
 * name: what is written to disk then holds no secret that came from a variable.
 */
export function encode(value: unknown, seen: Seen): unknown {
  const values = Object.entries(seen).flatMap(([name, text]) => (text ? [{ name, text }] : []));
  // The longest first, so that a value that contains another is replaced whole.
  return mapTexts(value, (text) =>
    pieces(
      text,
      values.toSorted((a, b) => b.text.length - a.text.length),
    ),
  );
}

/** The data again, with the values that the variables have now. */
export function decode(value: unknown, variables: Variables): unknown {
  if (isPieces(value))
    return value.$text
      .map((part) => (typeof part === 'string' ? part : (variables[part.env] ?? '')))
      .join('');
  if (Array.isArray(value)) return value.map((item) => decode(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, variables)]));
}

/** Whether encoded data still holds a text that looks like a secret, so that it must not be written anywhere. */
export function holdsLiteralSecret(value: unknown, key = ''): boolean {
  if (isPieces(value)) {
    // What remains beside the references; the sign stands where one was.
    return looksSecret(key, value.$text.filter((part) => typeof part === 'string').join('#'));
  }
  if (typeof value === 'string') return looksSecret(key, value);
  if (Array.isArray(value)) return value.some((item) => holdsLiteralSecret(item, key));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, item]) => holdsLiteralSecret(item, keyOf(name, item, key)));
}

/** Under which name a value is looked at. */
function keyOf(name: string, item: unknown, parent: string): string {
  // The address of a webhook is a secret by itself.
  if (parent === 'notify') return parent;
  // Names a column of somebody else's, which may well be called password.
  if (parent === 'masks' && typeof item === 'string' && masks.has(item)) return '';
  return name;
}

const masks: ReadonlySet<string> = new Set(['hash', 'null', 'keep']);

/** Whether a text is `env:NAME`. */
export function isReference(value: string): boolean {
  return /^env:[A-Za-z_]\w*$/.test(value);
}

/** Whether a text is a URL with a password or a token in it. */
export function hasCredentials(text: string): boolean {
  return (
    /:\/\/[^/?#\s]*:[^/?#\s]+@/.test(text) ||
    // No URL while such signs stand in its password as they are, and a secret all the same. A sole # is no password.
    /^postgres(?:ql)?:\/\/[^@\s]*:[^@\s]*[^@\s#][^@\s]*@/i.test(text) ||
    /[?&](?:auth_?token|token|(?:ssl)?password|jwt|key)=[^&\s#]/i.test(text)
  );
}

function looksSecret(key: string, literal: string): boolean {
  if (hasCredentials(literal)) return true;
  return secretKey.test(key) && literal !== '' && !literal.startsWith('env:');
}

const secretKey = /notify|token|password|passwd|passphrase|secret|^key$|apikey|credential/i;

type Pieces = { readonly $text: readonly (string | { readonly env: string })[] };

function isPieces(value: unknown): value is Pieces {
  return typeof value === 'object' && value !== null && '$text' in value && Array.isArray(value.$text);
}

function pieces(text: string, values: readonly { readonly name: string; readonly text: string }[]): unknown {
  let parts: (string | { readonly env: string })[] = [text];
  for (const { name, text: known } of values) {
    // A short value that happens to be inside another word is no secret worth the trouble.
    if (known.length < 4 && known !== text) continue;
    parts = parts.flatMap((part) =>
      typeof part === 'string' ? between(part, known, { env: name }) : [part],
    );
  }
  return parts.every((part) => typeof part === 'string')
    ? text
    : { $text: parts.filter((part) => part !== '') };
}

function between(
  text: string,
  known: string,
  reference: { readonly env: string },
): (string | { readonly env: string })[] {
  return text.split(known).flatMap((part, index) => (index === 0 ? [part] : [reference, part]));
}

function mapTexts(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}
