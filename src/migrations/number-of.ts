/** The number that a tag begins with, however many zeros stand before it. */
export function numberOf(tag: string): bigint | undefined {
  const [digits] = /^\d+/.exec(tag) ?? [];
  return digits === undefined ? undefined : BigInt(digits);
}
