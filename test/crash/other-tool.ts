// A tool without transactions: it runs the statements of a migration one by one, each committed by itself, and keeps
// no record. A process of its own, so that it can die. It says `begun N` and `done N`, and waits to be told of each.
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';
import { createClient } from '@libsql/client';
import type { ToolTarget } from './tool.ts';

interface Connection {
  run(sql: string): Promise<void>;
  /** From now on the file may not grow. */
  fill?(): Promise<void>;
}

const { target, statements }: { readonly target: ToolTarget; readonly statements: readonly string[] } =
  JSON.parse(process.argv[2] ?? '');
const connection = await connect(target);
let running = false;
let asked = false;
// As a careful program does: the statement under way is waited for.
process.on('SIGTERM', () => {
  asked = true;
  if (!running) process.exit(143);
});
say('ready');
let number = 0;
for await (const told of createInterface({ input: process.stdin })) {
  if (told === 'fill') await connection.fill?.();
  else await next();
}

async function next(): Promise<void> {
  number += 1;
  const sql = statements[number - 1];
  if (sql === undefined) process.exit(0);
  running = true;
  say(`begun ${number}`);
  try {
    await connection.run(sql);
  } catch (error) {
    say(`failed ${number} ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
  running = false;
  say(`done ${number}`);
  if (asked) process.exit(143);
}

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

async function connect(to: ToolTarget): Promise<Connection> {
  switch (to.kind) {
    case 'libsql': {
      const client = createClient({ url: to.url });
      const run = async (sql: string) => void (await client.execute(sql));
      const fill = async () => {
        const { rows } = await client.execute('PRAGMA page_count');
        await run(`PRAGMA max_page_count = ${Number(rows[0]?.['page_count'])}`);
      };
      return { run, fill };
    }
    case 'd1-file': {
      const database = new DatabaseSync(to.file, { enableDoubleQuotedStringLiterals: true, timeout: 5000 });
      const run = (sql: string) => Promise.resolve(database.exec(sql));
      const fill = () => {
        const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
        return run(`PRAGMA max_page_count = ${Number(pages)}`);
      };
      return { run, fill };
    }
    case 'd1-http':
      return { run: (sql) => request(to, sql) };
  }
}

/** As drizzle-kit's d1-http driver does: a request for each statement. */
async function request({ url, token }: Extract<ToolTarget, { kind: 'd1-http' }>, sql: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql, params: [] }),
  });
  if (!response.ok) throw new Error(await response.text());
}
