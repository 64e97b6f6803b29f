import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cutOff,
  deployStaging,
  holdsOnlyWholeBackups,
  killedDeploy,
  randomFrom,
  statusText,
  unfinishedRuns,
} from '../support/killed-deploy.ts';
import { program } from '../support/program.ts';
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
  const { exitCode, lines } = await program(deployStaging, at(trial));
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
  const where = await killedAt(place, random);
  if (where === undefined) return undefined;
  const found = await look(file, boundaries);
  const count = atBoundary(found);
  const elsewhere = random() < 0.3;
  await namesTheRun(place, found, elsewhere ? 'elsewhere' : 'here');
  const { exitCode, last } = await program(deployStaging, at(place));
  expect(`${where}: ${exitCode} ${JSON.stringify(last)}`).toMatch(/: 0 \{.*"kind":"done"/);
  const sold = await till.close();
  const after = await look(file, boundaries);
  expect(atBoundary(after)).toBe(all);
  expect(sold.filter((code) => !after.codes.has(code))).toEqual([]);
  // With nothing left to do no lock is taken, so a dead run's lease stays until the next one.
  if (count < all) expect(after.lease?.run).toBeNull();
  await holdsOnlyWholeBackups(at(place), '.db');
  leavesNoScratch(place);
  return `${where} (${count} applied)`;
}

async function killedAt(place: Place, random: () => number): Promise<string | undefined> {
  const lines = Math.floor(random() * events);
  return killedDeploy(at(place), { lines, pause: Math.floor(random() * (lines === 0 ? 200 : 25)) });
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

/** What a person sees next: the run that was cut off; on another machine from the lease in the target alone. */
async function namesTheRun(place: Place, { lease }: Found, where: 'here' | 'elsewhere'): Promise<void> {
  const unfinished = unfinishedRuns(at(place));
  const held = lease?.run ?? undefined;
  if (unfinished.length > 0 || held !== undefined) {
    expect(await statusText(at(place))).toMatch(cutOff);
  }
  if (where === 'here' || held === undefined) return;
  renameSync(join(place.root, '.migrate-tui'), join(place.root, 'lost'));
  moveAway(place, held);
  expect(await statusText(at(place))).toContain(`(run ${held.split('.')[0]}.`);
  const refused = await program(deployStaging, at(place));
  expect(refused).toMatchObject({ exitCode: 4, last: { kind: 'failed', code: 'locked' } });
  change(place, 'UPDATE __migrate_tui_lease SET expires_at = 0');
  expect(await statusText(at(place))).toMatch(cutOff);
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

function leavesNoScratch({ env }: Place): void {
  const state = join(env.XDG_STATE_HOME ?? '', 'migrate-tui');
  for (const folder of readdirSync(state)) {
    const scratch = join(state, folder, 'scratch');
    expect(existsSync(scratch) ? readdirSync(scratch) : []).toEqual([]);
  }
}

type Place = ReturnType<typeof copyOf>;

function at({ root, env }: Place) {
  return { cwd: root, env };
}
