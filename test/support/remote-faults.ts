import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { HranaFault } from './hrana-server.ts';
import { contentOf, expireLease, leaseIn, type RemoteProject } from './remote-project.ts';
import type { Answered } from './resident.ts';

/** What goes wrong, and at which requests it can. */
export interface Fault {
  readonly name: string;
  readonly fault: HranaFault;
  readonly befalls: 'any request' | 'a write' | 'a stream';
}

const once = { times: 1 };

export const faults: readonly Fault[] = [
  { name: 'cut', fault: { kind: 'cut', ...once }, befalls: 'any request' },
  { name: 'server error', fault: { kind: 'status', status: 503, ...once }, befalls: 'any request' },
  { name: 'token refused', fault: { kind: 'status', status: 401, ...once }, befalls: 'any request' },
  { name: 'statement refused', fault: { kind: 'refused', ...once }, befalls: 'any request' },
  { name: 'slow', fault: { kind: 'slow', milliseconds: 20, ...once }, befalls: 'any request' },
  {
    name: 'down from then on',
    fault: { kind: 'cut', times: Number.POSITIVE_INFINITY },
    befalls: 'any request',
  },
  { name: 'stream expired', fault: { kind: 'stream-limit', ...once }, befalls: 'a stream' },
  { name: 'cut before the commit', fault: { kind: 'cut-before-commit', ...once }, befalls: 'a write' },
  { name: 'cut after the commit', fault: { kind: 'cut-after-commit', ...once }, befalls: 'a write' },
  {
    name: 'out of time',
    fault: { kind: 'transaction-limit', at: 'middle', ...once },
    befalls: 'a write',
  },
  {
    name: 'out of time at the commit',
    fault: { kind: 'transaction-limit', at: 'commit', ...once },
    befalls: 'a write',
  },
];

/** A command of the command line on the staging database of a `RemoteProject`. */
export interface Command {
  readonly name: string;
  readonly argv: (project: RemoteProject) => readonly string[];
  /** The server's file before. */
  readonly from: 'behind' | 'current';
  /** What the file may hold afterwards, from untouched to finished. */
  readonly contents: (project: RemoteProject) => readonly string[];
  /** The faults that cannot befall it. */
  readonly without: readonly Fault['befalls'][];
}

const reads = {
  from: 'behind',
  contents: ({ boundaries }: RemoteProject) => boundaries.slice(0, 1),
  without: ['a write'],
} as const;

export const commands: readonly Command[] = [
  { ...reads, name: 'status', argv: () => ['status', 'staging'], without: ['a write', 'a stream'] },
  { ...reads, name: 'verify', argv: () => ['verify', 'staging'], without: ['a write', 'a stream'] },
  { ...reads, name: 'backup', argv: () => ['backup', 'staging'] },
  { ...reads, name: 'dry-run', argv: () => ['dry-run', 'staging'] },
  {
    name: 'deploy',
    argv: () => ['deploy', 'staging', '--yes'],
    from: 'behind',
    contents: ({ boundaries }) => boundaries,
    without: [],
  },
  {
    name: 'restore',
    argv: ({ backup }) => ['restore', 'staging', backup, '--yes'],
    from: 'current',
    contents: ({ currentContent, boundaries }) => [currentContent, boundaries[0] ?? ''],
    without: [],
  },
  {
    name: 'restore of tables',
    argv: ({ wholeBackup }) => ['restore', 'staging', wholeBackup, '--yes', '--tables', 'teams,members'],
    from: 'current',
    contents: ({ currentContent, boundaries }) => [currentContent, boundaries.at(-1) ?? ''],
    without: [],
  },
];

/** Every command with every fault that can befall it. */
export const matrix = commands.flatMap((command) =>
  faults
    .map((fault, index) => ({ command, fault, index }))
    .filter(({ fault }) => !command.without.includes(fault.befalls)),
);

export type Carry = (lane: RemoteProject, argv: readonly string[]) => Promise<Answered>;

/**
 * Carries a command out while the fault befalls the request that comes after so many, and holds what it says against
 * what the server has.
 *
 * @param carry starts the command that meets the fault; the second try of one that writes is in the process that stays
 */
export async function meets(
  lane: RemoteProject,
  { command, fault }: { readonly command: Command; readonly fault: Fault },
  after: number,
  carry: Carry,
): Promise<Met> {
  const { server } = lane;
  const contents = command.contents(lane);
  const argv = [...command.argv(lane), '--json'];
  server.replace(lane[command.from]);
  server.fault(fault.fault, { after });
  const first = await carry(lane, argv);
  const wasMet = server.wasMet();
  server.fault({ kind: 'none' });
  const about = `request ${after + 1}: ${first.exitCode} ${JSON.stringify(first.last)}`;
  const content = await contentOf(server.file);
  const reached = contents.indexOf(content);
  expect(reached, `${about}\n${content}`).not.toBe(-1);
  tellsTheTruth(command, first, { reached, last: contents.length - 1, about });
  const lock = await leavesNoLongLock(lane, about);
  await statusIsRight(lane, content, about);
  if (wasMet && contents.length > 1) {
    const again = await lane.cli.run(argv, placeOf(lane));
    expect(again.exitCode, `${about}\nthen ${JSON.stringify(again.last)}`).toBe(0);
    expect(await contentOf(server.file), about).toBe(contents.at(-1));
  }
  return { wasMet, lock };
}

export interface Met {
  /** The command had so many requests. */
  readonly wasMet: boolean;
  readonly lock: 'given back' | 'left to run out';
}

/** So that a long walk does not end among hundreds of backups. */
export function clearNewBackups({ project, backup, wholeBackup }: RemoteProject): void {
  const state = join(project.env['XDG_STATE_HOME'] ?? '', 'migrate-tui');
  for (const path of globSync('*/backups/b*', { cwd: state })) {
    if (path.endsWith(`/${backup}`) || path.endsWith(`/${wholeBackup}`)) continue;
    rmSync(join(state, path), { recursive: true, force: true });
  }
}

interface Reached {
  /** 0: as before; `last`: finished. */
  readonly reached: number;
  readonly last: number;
  readonly about: string;
}

/** docs/exit-codes.md, and the last event. */
function tellsTheTruth({ name }: Command, { exitCode, last: event }: Answered, found: Reached): void {
  const { reached, last, about } = found;
  expect(event?.['code'], about).not.toBe('bug');
  if (name === 'status') return expect(exitCode, about).toBe(0);
  const asBefore = [1, 4, ...(last === 0 ? [0] : []), ...unknown(event)];
  const allowed = reached === 0 ? asBefore : reached === last ? [0, 5] : [5];
  expect(allowed, about).toContain(exitCode);
  if (exitCode !== 0) expect(event?.['next'], about).toEqual(expect.any(String));
  if (name === 'deploy') expect(event?.['applied'], about).toHaveLength(reached);
}

/** While the server stays away, nobody can say what became of the write. */
function unknown(event: Answered['last']): readonly number[] {
  return /not known yet/.test(String(event?.['message'])) ? [5] : [];
}

async function leavesNoLongLock(lane: RemoteProject, about: string): Promise<Met['lock']> {
  const lease = await leaseIn(lane.server.file);
  if (!lease) return 'given back';
  expect(lease.secondsLeft, about).toBeLessThanOrEqual(60);
  await expireLease(lane.server.file);
  const { last } = await lane.cli.run(['status', 'staging', '--json'], placeOf(lane));
  expect(JSON.stringify(last), about).toMatch(/Run \d+ of \S+ was cut off/);
  return 'left to run out';
}

async function statusIsRight(lane: RemoteProject, content: string, about: string): Promise<void> {
  const { boundaries } = lane;
  const { exitCode, last } = await lane.cli.run(['status', 'staging', '--json'], placeOf(lane));
  expect(exitCode, about).toBe(0);
  const boundary = boundaries.indexOf(content);
  const applied = boundary === -1 ? boundaries.length + 1 : boundary + 2;
  const pending = boundaries.length + 1 - applied;
  expect(last, about).toMatchObject({
    environments: [{ targets: [{ state: [pending === 0 ? 'current' : 'behind'], applied, pending }] }],
  });
}

export function placeOf({ project }: RemoteProject) {
  return { cwd: project.root, env: project.env };
}
