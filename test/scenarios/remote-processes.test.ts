import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../support/program.ts';
import { matrix, meets, placeOf, type Command, type Fault } from '../support/remote-faults.ts';
import { remoteProject, type RemoteProject } from '../support/remote-project.ts';

// `remote-faults.test.ts` goes through the requests one by one, in a process that stays. This is the built program,
// started and ended for each: every command with every fault, at the request where most is at stake.
const lanes: RemoteProject[] = [];
let processes = 0;

beforeAll(async () => {
  lanes.push(...(await Promise.all([remoteProject(), remoteProject()])));
});
afterAll(async () => {
  process.stdout.write(`${processes} processes met a fault\n`);
  for (const lane of lanes) await lane[Symbol.asyncDispose]();
});

const commands = [...new Set(matrix.map(({ command }) => command))];

test.each(commands)('$name through the program itself, with each fault once', async (command) => {
  const left = matrix.filter((cell) => cell.command === command);
  const ends = await Promise.allSettled(lanes.map((lane) => work(lane, left)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
});

async function work(lane: RemoteProject, left: { readonly command: Command; readonly fault: Fault }[]) {
  for (let cell = left.pop(); cell; cell = left.pop()) {
    const { wasMet } = await meets(lane, cell, requestOf(cell), carry);
    expect(wasMet, cell.fault.name).toBe(true);
    processes += 1;
  }
}

/**
 * Counted from 0. The second write is the first migration, or the batch of a restore; the fourth request is a read of
 * any command but a status, which has two in all.
 */
function requestOf({ command, fault }: { readonly command: Command; readonly fault: Fault }): number {
  return fault.befalls === 'a write' || command.name === 'status' ? 1 : 3;
}

function carry(lane: RemoteProject, argv: readonly string[]) {
  return program(argv, placeOf(lane));
}
