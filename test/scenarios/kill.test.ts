import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program, startProgram, type Line } from '../support/program.ts';
import { all, appliedBefore, boundariesOf, copyOf, look, openTill, shop } from '../support/shop.ts';
import type { Boundaries, Found } from '../support/shop.ts';
import type { SmallProject } from '../support/small-project.ts';

const kills = Number(process.env['KILLS'] ?? 200);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Two deploys at a time: they are processes of their own, and so are the tills. */
const lanes = 2;

let project: SmallProject;
let boundaries: Boundaries;
/** Lines that a deploy prints when nobody kills it. */
let events: number;

beforeAll(async () => {
  project = await shop();
  boundaries = await boundariesOf(project);
  using trial = copyOf(project);
  const { exitCode, lines } = await program(['deploy', 'staging', '--yes', '--json'], at(trial));
  expect(exitCode).toBe(0);
  events = lines.length;
});
afterAll(() => project[Symbol.dispose]());

test(
  `kill -9 at ${kills} random moments of a deploy, with a till selling all the while: nothing is half, nothing is lost, and the next deploy completes`,
  { timeout: 900_000 },
  async () => {
    const counts = new Map<string, number>();
    let left = kills;
    // A lane ends when nothing is left, or when it found something: then the others need not go on either.
    const stop = () => (left = Math.min(left, 0));
    const lane = async (number: number) => {
      const random = randomFrom(seed + number * 7919);
      while (left > 0) {
        left -= 1;
        const killed = await round(random);
        if (killed === undefined) left += left < 0 ? 0 : 1;
        else counts.set(killed, (counts.get(killed) ?? 0) + 1);
      }
    };
    const ends = await Promise.allSettled(
      Array.from({ length: lanes }, (_, number) => lane(number).finally(stop)),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const where = [...counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([step, count]) => `${step} ${count}`);
    process.stdout.write(`${total} kills (SEED=${seed}): ${where.join(', ')}\n`);
    expect(total).toBe(kills);
  },
);

/** One deploy that is killed, and what comes after it. @returns where it was killed; undefined: it was faster */
async function round(random: () => number): Promise<string | undefined> {
  using place = copyOf(project);
  const file = join(place.root, 'staging.db');
  await using till = openTill(file);
  await till.sold();
  const where = await killed(place, random);
  if (where === undefined) return undefined;
  const found = await look(file, boundaries);
  const count = atBoundary(found);
  const elsewhere = random() < 0.3;
  await namesTheRun(place, found, elsewhere ? 'elsewhere' : 'here');
  const { exitCode, last } = await program(['deploy', 'staging', '--yes', '--json'], at(place));
  expect(`${where}: ${exitCode} ${JSON.stringify(last)}`).toMatch(/: 0 \{.*"kind":"done"/);
  const sold = await till.close();
  const after = await look(file, boundaries);
  expect(atBoundary(after)).toBe(all);
  expect(sold.filter((code) => !after.codes.has(code))).toEqual([]);
  // With nothing left to do no lock is taken, so a dead run's lease stays until the next one.
  if (count < all) expect(after.lease?.run).toBeNull();
  await holdsOnlyWholeBackups(place);
  return `${where} (${count} applied)`;
}

/** Kills at the n-th line that it prints, and a little later: a random moment is what is wanted here. */
async function killed(place: Place, random: () => number): Promise<string | undefined> {
  await using deploy = await startProgram(['deploy', 'staging', '--yes', '--json'], at(place));
  const nth = Math.floor(random() * events);
  if (nth > 0) await deploy.line((_line, index) => index === nth - 1);
  await pass(Math.floor(random() * (nth === 0 ? 200 : 25)));
  const where = stepOf(deploy.lines);
  deploy.signal('SIGKILL');
  const { signal } = await deploy.ended;
  return signal === 'SIGKILL' ? where : undefined;
}

function stepOf(lines: readonly Line[]): string {
  const begun = lines.findLast(({ kind }) => kind === 'step-started');
  const what = begun?.['tag'] ?? begun?.['step'];
  return typeof what === 'string' ? what : 'before the first step';
}

/** Untouched or exactly behind a migration; never between. @returns how many are applied */
function atBoundary(found: Found): number {
  const tags = boundaries.migrations.map(({ tag }) => tag);
  const count = found.recorded.length;
  expect(found.recorded).toEqual(tags.slice(0, count));
  expect(count).toBeGreaterThanOrEqual(appliedBefore);
  expect(found.schemaAt).toContain(count);
  expect(found).toMatchObject({ integrity: 'ok', violations: 0 });
  expect(found.seeds).toEqual({
    orders: 400,
    lines: 400,
    members: 2,
    old: count === all ? 0 : 100,
    once: count >= 5 ? 1 : 0,
  });
  return count;
}

const cutOff = /Run \d+ (?:\(deploy\) )?of \S+ was cut off/;

/** What a person sees next: the run that was cut off; on another machine from the lease in the target alone. */
async function namesTheRun(place: Place, { lease }: Found, where: 'here' | 'elsewhere'): Promise<void> {
  const unfinished = unfinishedRuns(place);
  const held = lease?.run ?? undefined;
  if (unfinished.length > 0 || held !== undefined) {
    expect(await saysOf(place)).toMatch(cutOff);
  }
  if (where === 'here' || held === undefined) return;
  renameSync(join(place.root, '.migrate-tui'), join(place.root, 'lost'));
  moveAway(place, held);
  expect(await saysOf(place)).toContain(`(run ${held.split('.')[0]}.`);
  const refused = await program(['deploy', 'staging', '--yes', '--json'], at(place));
  expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'locked' } });
  change(place, 'UPDATE __migrate_tui_lease SET expires_at = 0');
  expect(await saysOf(place)).toMatch(cutOff);
}

async function saysOf(place: Place): Promise<string> {
  const { exitCode, last } = await program(['status', 'staging', '--json'], at(place));
  expect(exitCode).toBe(0);
  return JSON.stringify(last?.['environments']);
}

function unfinishedRuns({ root }: Place): readonly unknown[] {
  const ledger = join(root, '.migrate-tui', 'ledger.db');
  if (!existsSync(ledger)) return [];
  using database = new DatabaseSync(ledger, { timeout: 10_000 });
  return database.prepare('SELECT id FROM runs WHERE finished_at IS NULL').all();
}

/** As if the run had been another machine's: nothing here can tell what became of its process. */
function moveAway(place: Place, run: string): void {
  const [number, pid, , chance] = run.split('.');
  change(
    place,
    `UPDATE __migrate_tui_lease SET run = '${number}.${pid}.elsewhere.${chance}', host = 'kestrel'`,
  );
}

function change({ root }: Place, sql: string): void {
  using database = new DatabaseSync(join(root, 'staging.db'), { timeout: 10_000 });
  database.exec(sql);
}

async function holdsOnlyWholeBackups(place: Place): Promise<void> {
  const { last } = await program(['backups', 'staging', '--json'], at(place));
  const backups: readonly Listed[] = JSON.parse(JSON.stringify(last?.['backups']));
  expect(backups.length).toBeGreaterThan(0);
  for (const { path, databases } of backups) {
    for (const { database, sha256 } of databases) {
      const copy = readFileSync(join(path, `${database}.db`));
      expect(createHash('sha256').update(copy).digest('hex')).toBe(sha256);
    }
  }
  const state = join(place.env.XDG_STATE_HOME ?? '', 'migrate-tui');
  for (const folder of readdirSync(state)) {
    const scratch = join(state, folder, 'scratch');
    expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
  }
}

interface Listed {
  readonly path: string;
  readonly databases: readonly { readonly database: string; readonly sha256: string }[];
}

type Place = ReturnType<typeof copyOf>;

function at({ root, env }: Place) {
  return { cwd: root, env };
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, so that a seed gives the same moments again. */
function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
