import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { gate, type Gate } from '../support/gate.ts';
import type { Running } from '../support/program.ts';
import type { SmallProject } from '../support/small-project.ts';
import { unreachable } from '../../src/lib/unreachable.ts';
import { tag } from './kinds.ts';
import type { Stand } from './stand.ts';
import { holdFile } from './stands.ts';

/** Where in a run of ours, between the ledger and the target. */
export type Moment =
  | 'before the intent'
  | 'after the intent'
  | 'in the first statement'
  | 'in a middle statement'
  | 'before the record'
  | 'unit under way'
  | 'before the outcome'
  | 'after the outcome'
  | 'by itself';

interface Underway {
  readonly stand: Stand;
  readonly running: Running;
  readonly gate: Gate;
}

/** Brings a run there and holds it. @returns lets go of it */
export async function bringTo(
  moment: Moment,
  underway: Underway,
  answer: 'run' | 'drop' | 'cut' = 'run',
): Promise<() => void> {
  const { running, gate: door } = underway;
  switch (moment) {
    case 'before the intent': {
      await atGate(underway);
      const ledger = holdFile(ledgerOf(underway));
      door.open();
      await running.line(({ kind, step }) => kind === 'step-started' && step === 'migrate');
      return () => ledger.let('run');
    }
    case 'after the intent':
      return held(underway, 'drop');
    case 'unit under way':
      return held(underway, answer);
    case 'in the first statement':
      return inPause(underway, 0);
    case 'in a middle statement':
      return inPause(underway, 1);
    case 'before the record':
      return inPause(underway, 2);
    case 'before the outcome':
      return beforeOutcome(underway);
    case 'after the outcome':
      await atGate(underway);
      return () => door.open();
    case 'by itself':
      door.open();
      return () => undefined;
    default:
      return unreachable(moment);
  }
}

/** Waits for a run to stand at its gate. */
export async function atGate({ running, gate: door }: Pick<Underway, 'running' | 'gate'>): Promise<void> {
  await until(() => door.isReached(), running);
}

/** The intent is in the ledger, and the unit waits. */
async function held(underway: Underway, answer: 'run' | 'drop' | 'cut'): Promise<() => void> {
  const { stand, running, gate: door } = underway;
  await atGate(underway);
  const unit = stand.hold();
  door.open();
  await until(() => intents(underway) > 0, running);
  await Promise.race([unit.arrived, running.ended]);
  return () => unit.let(answer);
}

/** It emits its events as they happen; at the pauses there is time to meet it. */
async function inPause({ running, gate: door }: Underway, which: 0 | 1 | 2): Promise<() => void> {
  door.open();
  const isPause = (line: Running['lines'][number]) => {
    const { kind, step, number, of, phase } = line;
    if (kind !== 'statement' || step !== 'migrate' || phase !== 'begun') return false;
    return number === [1, Math.ceil((Number(of) - 3) / 2) + 2, of][which];
  };
  await running.line(isPause);
  return () => undefined;
}

/** The unit is committed, and the ledger cannot be told yet. */
async function beforeOutcome(underway: Underway): Promise<() => void> {
  const release = await held(underway, 'run');
  const ledger = holdFile(ledgerOf(underway));
  const before = await records(underway);
  release();
  while ((await records(underway)) === before) await still(underway.running);
  return () => ledger.let('run');
}

async function records({ stand }: Underway): Promise<number> {
  const [row] = await stand.rows(`SELECT count(*) AS n FROM ${tableOf(stand)}`);
  return Number(row?.['n']);
}

function tableOf({ engine }: Underway['stand']): string {
  if (engine.endsWith('numbered')) return '_migrations';
  return engine.startsWith('D1') ? 'd1_migrations' : '__drizzle_migrations';
}

function intents(underway: Underway): number {
  using ledger = new DatabaseSync(ledgerOf(underway), { timeout: 10_000 });
  const open = ledger.prepare('SELECT count(*) AS n FROM units WHERE tag = ? AND outcome IS NULL').get(tag);
  return Number(open?.['n']);
}

function ledgerOf({ stand }: Underway): string {
  return join(stand.project.root, '.migrate-tui', 'ledger.db');
}

async function until(holds: () => boolean, running: Running): Promise<void> {
  while (!holds()) await still(running);
}

/** Lets the run go on for a moment; it must not be waited for in vain. */
async function still({ process: { exitCode }, lines }: Running): Promise<void> {
  if (exitCode !== null) throw new Error(`The run ended too early: ${JSON.stringify(lines.at(-1))}`);
  await setTimeout(5);
}

/** A hook at which a run waits; what it leaves in the project goes with it. */
export function openGate(project: SmallProject, hook: string): Gate & Disposable {
  const files = ['reached', 'open'].map((name) => join(project.root, name));
  for (const file of files) if (existsSync(file)) rmSync(file);
  const door = gate(project, hook, 'staging');
  return {
    ...door,
    [Symbol.dispose]: () => {
      door.open();
      for (const file of files) rmSync(file, { force: true });
      project.configure({ hooks: {} });
    },
  };
}
