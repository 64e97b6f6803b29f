import measured from 'string-width';
import { unicodeSigns } from '../lib/signs.ts';

/**
 * Cells that a text takes. The build puts it in the place of the package `string-width`, for Ink as for us: Ink
 * measures every row in every frame, and a row with one of our signs in it would be taken apart by Unicode each time.
 */
export default function stringWidth(text: string, options?: Parameters<typeof measured>[1]): number {
  if (options !== undefined) return measured(text, options);
  const plain = text.includes('\u001B') ? text.replaceAll(colours, '') : text;
  return oneCellEach.test(plain) ? plain.length : measured(text);
}

/** What Ink itself puts between the letters. */
// oxlint-disable-next-line no-control-regex
const colours = /\u001B\[[\d;]*m/g;

const signs = Object.values(unicodeSigns).filter((sign) => sign > '~');

/** ASCII, Latin letters and our own signs; everything else is measured. */
const oneCellEach = new RegExp(`^[ -~\\u00C0-\\u024F${signs.join('')}]*$`);
