/** What to do about several of a list is said once, below the last that it helps. */
export function nextOnce<T extends { readonly next?: string | undefined }>(
  all: readonly T[],
): (one: T) => string | undefined {
  const last = new Map(all.map((one) => [one.next, one]));
  return (one) => (last.get(one.next) === one ? one.next : undefined);
}
