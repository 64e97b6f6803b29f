/**
 * Compares two names of migrations as wrangler orders them, for `sort`. A name is a path with forward slashes.
 *
 * Folder by folder: by the whole number before the first `_`, those with one first, then by their UTF-16 units.
 * A path comes before what lies below it.
 */
export function compareNames(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareSegments(segment, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareSegments(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined && left !== right) return left - right;
  if (left !== undefined && right === undefined) return -1;
  if (left === undefined && right !== undefined) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

// As wrangler reads it: `12abc_x` is 12, `-1_x` is -1, and digits beyond what a number holds are no number.
function numberOf(segment: string): number | undefined {
  const number = Number.parseInt(segment.split('_')[0] ?? '', 10);
  return Number.isFinite(number) ? number : undefined;
}
