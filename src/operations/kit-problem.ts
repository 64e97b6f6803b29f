/** Why drizzle-kit made nothing, as far as its output tells. */
export type KitProblem =
  /** It cannot tell a rename from a new column, and asks. */
  | { readonly kind: 'asks' }
  /** The schema code cannot be loaded. */
  | {
      readonly kind: 'code';
      /** As drizzle-kit says it: an absolute path. */
      readonly file: string;
      readonly line: number | undefined;
      readonly message: string;
    }
  | { readonly kind: 'other'; readonly message: string };

/** Reads what drizzle-kit said of a failure; of both lines, as its exit status tells nothing. */
export function kitProblem(text: string): KitProblem {
  if (/Interactive prompts require a TTY|\bmissing_hints\b/.test(text)) return { kind: 'asks' };
  const lines = text.split('\n').map((line) => line.trim());
  return parserError(lines) ?? thrownError(lines) ?? { kind: 'other', message: firstError(lines) };
}

/** Whether a PostgreSQL server refused something: drizzle-kit 0.x ends with 0 then, too. */
export function saysServerError(text: string): boolean {
  return /^\s*severity: '(?:ERROR|FATAL|PANIC)'/m.test(text);
}

/** `FILE:LINE:COLUMN: ERROR: why` of esbuild; `ParseError: why` with the place on the next line of jiti. */
function parserError(lines: readonly string[]): KitProblem | undefined {
  for (const [index, line] of lines.entries()) {
    const [, file, row, message] = /^(.+\.[cm]?[jt]sx?):(\d+):\d+: ERROR: (.+)$/.exec(line) ?? [];
    if (file !== undefined && message !== undefined)
      return { kind: 'code', file, line: Number(row), message };
    const [, parsed] = /ParseError: (.+)$/.exec(line) ?? [];
    const [, where, at] = /^(.+\.[cm]?[jt]sx?):(\d+):\d+$/.exec(lines[index + 1] ?? '') ?? [];
    if (parsed !== undefined && where !== undefined)
      return { kind: 'code', file: where, line: Number(at), message: parsed.trim() };
  }
  return undefined;
}

/** The first frame that is no package's, or the first file that asked for a module that is not there. */
function thrownError(lines: readonly string[]): KitProblem | undefined {
  for (const line of lines) {
    // Node's own frames begin with node: and say nothing.
    const [, frame, row] =
      /^at (?:.*[ (])?(?:file:\/\/)?((?:\/|[A-Za-z]:\\)[^()]+?):(\d+):\d+\)?$/.exec(line) ?? [];
    const [, requiring] = /^- (\/.+\.[cm]?[jt]sx?)$/.exec(line) ?? [];
    const file = frame ?? requiring;
    if (file === undefined || /[/\\]node_modules[/\\]/.test(file)) continue;
    return {
      kind: 'code',
      file,
      line: row === undefined ? undefined : Number(row),
      message: firstError(lines),
    };
  }
  return undefined;
}

function firstError(lines: readonly string[]): string {
  const said = lines.filter((line) => line !== '' && !line.startsWith('at ') && !isProgress(line));
  const error = said.find((line) => /^(?:\w*Error\b|error:|\[✗\]|Cannot\b|ENOENT\b)/.test(line)) ?? said[0];
  return (error ?? silent).replace(/^(?:Error(?::| {2})|error:)\s*/, '');
}

// drizzle-kit 0.31 drops the error where the API of Cloudflare cannot be reached, and ends with 1.
const silent = 'it gave no reason, as where the server of the database cannot be reached';

/** What it is at, and with what: no reason for anything. */
function isProgress(line: string): boolean {
  const isSpinner = /\[[\u2800-\u28FF]\] /.test(line);
  return isSpinner || /^(?:No config path provided|Reading config file|Pulling |Using ')/.test(line);
}
