import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Another program that has a database open: plain SQLite in a real process of its own. */
export interface OtherProgram extends AsyncDisposable {
  readonly process: ChildProcess;
  /** Waits for its next line on stdout. */
  line(): Promise<string>;
  /** Sends it a line. */
  tell(text: string): void;
  /** Ends it and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Runs JavaScript that finds `db` (node:sqlite, open on `file`), `say(text)` and `told()`, which waits for a line.
 * It starts when the caller has read its first line.
 */
export function otherProgram(file: string, script: string): OtherProgram {
  const prelude = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 10000 });
    const say = (text) => require('node:fs').writeSync(1, text + '\\n');
    const told = () => new Promise((resolve) => process.stdin.once('data', (text) => resolve(String(text).trim())));
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    (async () => { ${script} })().catch((error) => { console.error(error); process.exit(1); });`;
  const child = spawn(process.execPath, ['-e', prelude], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let rest = '';
  child.stdout.on('data', (chunk) => {
    rest += String(chunk);
    const whole = rest.split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const next = waiting.shift();
      if (next) next(line);
      else lines.push(line);
    }
  });
  const ended = once(child, 'close');
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await ended;
  };
  return {
    process: child,
    line: () => {
      const found = lines.shift();
      return found === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(found);
    },
    tell: (text) => void child.stdin.write(`${text}\n`),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** A script for `otherProgram` that holds the lock until it is told to, makes way, and then writes when it is told to. */
export function waitingWriter(begin: 'BEGIN IMMEDIATE' | 'BEGIN EXCLUSIVE'): string {
  return `
    db.exec('PRAGMA busy_timeout = 0; CREATE TABLE IF NOT EXISTS sales (id integer PRIMARY KEY)');
    db.exec('${begin}');
    say('locked');
    await told();
    db.exec('COMMIT');
    say('free');
    await told();
    try { db.exec('INSERT INTO sales DEFAULT VALUES'); say('sold'); } catch (error) { say(error.message); }
    await told();
  `;
}
