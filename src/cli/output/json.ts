/**
 * One line of JSON. Characters that JSON allows but a terminal or a line reader may act on
 * (C1 controls, DEL, U+2028 and U+2029) are escaped as well; the data is the same.
 */
export function toJson(data: unknown): string {
  return JSON.stringify(data, plain).replace(actedOn, escaped);
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const actedOn = /[\u007F-\u009F\u2028\u2029]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Integers that a JSON number would round are strings; bytes are marked as such. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  return value;
}
