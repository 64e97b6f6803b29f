import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { statementsIn } from './statements.ts';

/** In what order the parts of a dump load: the export has children before parents, and triggers before views. */
const parts = ['settings', 'tables', 'rows', 'views', 'indexes', 'triggers'] as const;
type Part = (typeof parts)[number];

export interface OrderOptions {
  /** Path of the export as it came. */
  readonly from: string;
  /** Path of the archive. */
  readonly to: string;
  /** Tables whose rows are not taken over, but written by `insert`. */
  readonly rewritten: ReadonlySet<string>;
  readonly insert: () => AsyncIterable<string>;
}

/** Writes the statements of an export in an order that loads. Reads it once for each part, so that memory stays small. */
export async function orderExport({ from, to, rewritten, insert }: OrderOptions): Promise<void> {
  await using file = await open(to, 'w', 0o600);
  const out = buffered(file);
  for (const part of parts) {
    if (part === 'views') for await (const statement of insert()) await out.write(`${statement}\n`);
    for await (const statement of statementsOf(from)) {
      if (partOf(statement) !== part) continue;
      if (part === 'rows' && rewritten.size > 0 && rewritten.has(tableOf(statement))) continue;
      await out.write(`${statement}\n`);
    }
  }
  await out.flush();
  await file.sync();
}

/** The statements of a file. */
export function statementsOf(path: string): AsyncGenerator<string> {
  const chunks: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 });
  return statementsIn(chunks);
}

function partOf(statement: string): Part {
  const [, created] = /^CREATE\s+(?:VIRTUAL\s+|UNIQUE\s+)?(\w+)/i.exec(statement) ?? [];
  switch (created?.toUpperCase()) {
    case 'TABLE':
      return 'tables';
    case 'VIEW':
      return 'views';
    case 'INDEX':
      return 'indexes';
    case 'TRIGGER':
      return 'triggers';
    default:
      return /^(INSERT|DELETE|UPDATE|REPLACE)\b/i.test(statement) ? 'rows' : 'settings';
  }
}

/** As the export writes it: `INSERT INTO "name" (…`. */
function tableOf(statement: string): string {
  const [, quoted, plain] = /^INSERT INTO (?:"((?:[^"]|"")*)"|(\w+))/i.exec(statement) ?? [];
  return quoted?.replaceAll('""', '"') ?? plain ?? '';
}

function buffered(file: FileHandle) {
  let waiting: string[] = [];
  let size = 0;
  const flush = async () => {
    await file.write(waiting.join(''));
    waiting = [];
    size = 0;
  };
  return {
    flush,
    write: async (text: string) => {
      waiting.push(text);
      size += text.length;
      if (size > 1 << 20) await flush();
    },
  };
}
