import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { startProgram, type Running } from '../support/program.ts';
import { askRecover, insist, type Matrix } from './asking.ts';
import { carryOutEach } from './carry-out-each.ts';
import { ground, tag, type Kind } from './kinds.ts';
import type { Verdict } from './judge.ts';
import { atGate, bringTo, openGate, type Moment } from './moments.ts';
import { ownDeaths, type OwnDeath } from './own-deaths.ts';
import { contentOf, isSame, keepAll, type Content, type Stand } from './stand.ts';
import { run } from './ways.ts';

/** A run of ours dies at every moment of a migration in every way: the target is untouched or whole, and says so. */
export async function ownRuns(matrix: Matrix): Promise<void> {
  const { stand, kind, tally, takes } = matrix;
  const known = await prepare(matrix);
  const carried = new Set<string>();
  for (const death of ownDeaths) {
    for (const moment of death.moments) {
      if (!takes()) continue;
      const cell = {
        engine: stand.engine,
        kind: kind.name,
        by: 'a run of ours',
        death: death.name,
        point: moment,
      } as const;
      const cannot =
        known.whole === undefined
          ? 'no run of ours carries it out here: it would take rows of another table along'
          : death.cannotBe(stand, moment);
      if (cannot !== undefined) {
        for (const ledger of ['kept', 'deleted'] as const)
          tally.cells.push({ ...cell, ledger, verdict: { kind: 'cannot be', said: cannot } });
        continue;
      }
      await known.reset();
      write(stand, death.text?.(paused(kind)) ?? paused(kind));
      const ended = await die(matrix, death, moment);
      write(stand, paused(kind));
      await lookAt(matrix, known, { cell, ended, carried });
    }
  }
}

interface Known {
  readonly reset: () => Promise<void>;
  readonly before: Content;
  readonly whole: Content | undefined;
}

async function prepare({ stand, kind, built }: Matrix): Promise<Known> {
  const { project } = stand;
  project.add(ground.tag, ground.statements);
  await insist(stand, built, 'apply', 'staging', '--yes');
  project.add(tag, paused(kind));
  const reset = await keepAll(stand);
  const before = await contentOf(stand);
  const { exitCode } = await run(stand, built, ['apply', 'staging', '--yes']);
  const whole = exitCode === 0 ? await contentOf(stand) : undefined;
  return { reset, before, whole };
}

/** Statements that take a while and do nothing: at the beginning, in the middle and at the end, to die in. */
function paused({ statements }: Kind): readonly string[] {
  const middle = Math.ceil(statements.length / 2);
  return [pause, ...statements.slice(0, middle), pause, ...statements.slice(middle), pause];
}

const pause =
  'SELECT count(*) FROM (WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 400000) SELECT n FROM c);';

function write({ project }: Stand, statements: readonly string[]): void {
  writeFileSync(join(project.root, 'drizzle', `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'));
}

async function die({ stand, built }: Matrix, death: OwnDeath, moment: Moment): Promise<Ended> {
  const { project } = stand;
  using gate = openGate(project, moment === 'after the outcome' ? 'afterApply' : 'beforeApply');
  const shell = death.shell?.(stand);
  await using running: Running = await startProgram(['apply', 'staging', '--yes', '--json'], {
    cwd: project.root,
    env: project.env,
    built,
    ...(shell === undefined ? {} : { shell }),
  });
  if (death.refused) {
    await atGate({ running, gate });
    stand.faults?.refuse('unit');
    gate.open();
  }
  const release = await bringTo(moment, { stand, running, gate }, death.answer);
  if (death.signal) running.signal(death.signal);
  // A process that waits for a file hears of a signal only afterwards; one that is killed is gone before.
  if (death.signal === 'SIGKILL') await running.ended;
  release();
  const { exitCode } = await running.ended;
  stand.faults?.none();
  // What a server has been given it carries out, whoever asked.
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  const isOpen = /not known yet/.test(String(running.lines.at(-1)?.['message']));
  return { exitCode, says: isOpen ? 'not known' : 'known' };
}

interface Ended {
  /** A process that was killed has none. */
  readonly exitCode: number | null;
  /** A request whose answer is lost cannot be asked after by a run that is told to stop: it says so. */
  readonly says: 'known' | 'not known';
}

interface Left {
  readonly cell: Omit<Matrix['tally']['cells'][number], 'ledger' | 'verdict'>;
  readonly ended: Ended;
  readonly carried: Set<string>;
}

async function lookAt(matrix: Matrix, known: Known, { cell, ended, carried }: Left): Promise<void> {
  const { stand, tally } = matrix;
  const left = await contentOf(stand);
  const putBack = await keepAll(stand);
  const isWhole = known.whole !== undefined && isSame(left, known.whole);
  const isBefore = isSame(left, known.before);
  for (const ledger of ['kept', 'deleted'] as const) {
    const asAsked = async () => {
      await putBack();
      if (ledger === 'deleted') forget(stand);
    };
    await asAsked();
    const cases = await askRecover(matrix);
    const half = isWhole || isBefore ? undefined : 'the target is neither as before nor whole';
    const said = half ?? exitIsWrong(ended, { isWhole }) ?? wronglySaid(cases);
    // What comes next is the same in both: once is enough.
    const why = said ?? (ledger === 'kept' ? await goesOn(matrix, known) : undefined);
    tally.cells.push({ ...cell, ledger, verdict: verdictOf(cases, why) });
    const contents = {
      before: known.before,
      left,
      whole: known.whole ?? left,
      deploy: 'possible',
    } as const;
    const point = `${cell.death}, ${cell.point}`;
    await carryOutEach(matrix, cases, { contents, point, carried, putBack: asAsked });
  }
}

function forget({ project }: Stand): void {
  rmSync(join(project.root, '.migrate-tui'), { recursive: true });
}

function verdictOf(cases: readonly RecoveryCase[], why: string | undefined): Verdict {
  const said = cases.map(({ verdict }) => verdict).join('; ') || 'nothing';
  return why === undefined ? { kind: 'right', said } : { kind: 'wrong', said: `${said}; ${why}` };
}

function exitIsWrong(
  { exitCode, says }: Ended,
  { isWhole }: { readonly isWhole: boolean },
): string | undefined {
  if (exitCode === null) return undefined;
  const allowed = isWhole ? [0, 5] : says === 'not known' ? [5] : [1, 130];
  const state = isWhole ? 'whole' : 'as before';
  return allowed.includes(exitCode) ? undefined : `it ended with ${exitCode}, and the target is ${state}`;
}

/** A unit is whole or not there: no half migration may be made of it. */
function wronglySaid(cases: readonly RecoveryCase[]): string | undefined {
  const half = cases.find(({ situation }) => situation !== 'left-lock' && situation !== 'not-started');
  return half && `${half.situation} is said of it`;
}

/** The next run takes it from there. */
async function goesOn({ stand, built }: Matrix, { whole }: Known): Promise<string | undefined> {
  const again = await run(stand, built, ['apply', 'staging', '--yes']);
  if (again.exitCode !== 0) return `the next run ended with ${again.exitCode}: ${JSON.stringify(again.last)}`;
  if (whole === undefined || !isSame(await contentOf(stand), whole))
    return 'the next run did not make it whole';
  const verified = await run(stand, built, ['verify', 'staging']);
  return verified.exitCode === 0 ? undefined : `verify ended with ${verified.exitCode}`;
}
