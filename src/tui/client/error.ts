/** An error of the command line as its JSON carries it. */
export interface MigrateErrorView {
  /** An `ErrorCode`, or `crashed` when the child ended without an answer. */
  readonly code: string;
  readonly message: string;
  readonly next: string | undefined;
}

/** Why a child gave no answer, from what it left: a `failed` document, else its own words on stderr. */
export function errorOf(left: {
  readonly args: readonly string[];
  readonly lastLine: unknown;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}): MigrateErrorView {
  const { lastLine } = left;
  if (hasMessage(lastLine)) {
    return {
      code: textIn(lastLine, 'code') ?? 'crashed',
      message: lastLine.message,
      next: textIn(lastLine, 'next'),
    };
  }
  const said = left.stderr.trim().split('\n').slice(-3).join(' ').trim();
  const end = left.exitCode === undefined ? 'was ended by a signal' : `ended with exit code ${left.exitCode}`;
  const message = said === '' ? `migrate-tui ${left.args.join(' ')} ${end} and said nothing.` : said;
  return { code: 'crashed', message, next: undefined };
}

function hasMessage(value: unknown): value is { readonly message: string } {
  return isRecord(value) && typeof value['message'] === 'string' && value['message'] !== '';
}

function textIn(value: unknown, name: string): string | undefined {
  const found = isRecord(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** A JSON object, of whatever kind. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
