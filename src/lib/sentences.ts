/** With a full stop, unless it already ends as a sentence does. */
export function stopped(sentence: string): string {
  const trimmed = sentence.trim();
  return /[.?:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** What happened and what to do next, one after the other; what is next may end with a command, so it gets no stop. */
export function sentences({
  message,
  next,
}: {
  readonly message: string;
  readonly next: string | undefined;
}): string {
  return next === undefined ? stopped(message) : `${stopped(message)} ${next}`;
}
