import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  clearNewBackups,
  matrix,
  meets,
  placeOf,
  type Command,
  type Fault,
} from '../support/remote-faults.ts';
import { remoteProject, type RemoteProject } from '../support/remote-project.ts';

/**
 * Reads behave alike, so by default each fault befalls every sixth request only, each from another one on; FAULTS=all
 * takes them all. Writes are never left out, nor is a request of a status, which has few.
 */
const stride = process.env['FAULTS'] === 'all' ? 1 : 6;

const lanes: RemoteProject[] = [];
const cells = new Map<string, number>();
let locks = 0;

beforeAll(async () => {
  lanes.push(...(await Promise.all([remoteProject(), remoteProject()])));
});
afterAll(async () => {
  const total = [...cells.values()].reduce((sum, count) => sum + count, 0);
  const each = [...cells].map(([name, count]) => `${name} ${count}`).join(', ');
  process.stdout.write(`${total} faults at single requests: ${each}; ${locks} locks left to run out\n`);
  for (const lane of lanes) await lane[Symbol.asyncDispose]();
});

test.each(matrix)(
  '$command.name, $fault.name: what it says is what the server holds, and a second try completes',
  { timeout: 300_000 },
  async ({ command, fault, index }) => {
    // Two at a time, each on a server of its own.
    const walks = lanes.map((lane, at) => walk(lane, { command, fault }, { index, at }));
    let count = 0;
    for (const end of await Promise.allSettled(walks)) {
      if (end.status === 'rejected') throw end.reason;
      count += end.value;
    }
    expect(count).toBeGreaterThan(0);
    cells.set(command.name, (cells.get(command.name) ?? 0) + count);
  },
);

/** Lets the fault befall the command's requests, one after the other. @returns how many there were */
async function walk(
  lane: RemoteProject,
  cell: { readonly command: Command; readonly fault: Fault },
  { index, at }: { readonly index: number; readonly at: number },
): Promise<number> {
  const step = cell.fault.befalls === 'a write' || cell.command.name === 'status' ? 1 : stride;
  clearNewBackups(lane);
  let count = 0;
  for (let after = (index % step) + at * step; ; after += step * lanes.length) {
    const { wasMet, lock } = await meets(lane, cell, after, carry);
    if (!wasMet) return count;
    count += 1;
    if (lock === 'left to run out') locks += 1;
  }
}

function carry(lane: RemoteProject, argv: readonly string[]) {
  return lane.cli.run(argv, placeOf(lane));
}
