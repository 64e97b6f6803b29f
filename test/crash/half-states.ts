import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askRecover, insist, type Matrix } from './asking.ts';
import { judge, type Truth } from './judge.ts';
import { carryOutEach } from './carry-out-each.ts';
import { ground, tag, type Kind } from './kinds.ts';
import { contentOf, isSame, keepAll, type Content, type Stand } from './stand.ts';
import { startTool } from './tool.ts';
import { toolDeaths, type ToolDeath } from './tool-deaths.ts';
import { run } from './ways.ts';

/** Another tool dies at every place of a migration in every way, and each state that it leaves is asked about. */
export async function halfStates(matrix: Matrix): Promise<void> {
  const { stand, kind, tally, takes } = matrix;
  const known = await prepare(matrix);
  const carried = new Set<string>();
  for (const death of toolDeaths) {
    const cannot = death.cannotBe(stand);
    for (const point of death.points(known.contents.length - 1)) {
      if (!takes()) continue;
      const cell = { engine: stand.engine, kind: kind.name, by: 'another tool', death: death.name } as const;
      if (cannot !== undefined) {
        for (const ledger of ['kept', 'deleted'] as const)
          tally.cells.push({
            ...cell,
            point: point.name,
            ledger,
            verdict: { kind: 'cannot be', said: cannot },
          });
        continue;
      }
      await known.reset();
      await die(stand, kind, death, point.after);
      await askAbout(matrix, known, { ...cell, point: point.name, carried });
    }
  }
}

interface Known {
  readonly reset: () => Promise<void>;
  /** After none, one, two… statements, as the tool runs them. */
  readonly contents: readonly Content[];
  readonly whole: Content | undefined;
}

/** The target before the migration, with a backup of it, and what it holds after each statement. */
async function prepare({ stand, kind, built }: Matrix): Promise<Known> {
  const { project } = stand;
  project.add(ground.tag, ground.statements);
  await insist(stand, built, 'deploy', 'staging', '--yes');
  await insist(stand, built, 'backup', 'staging');
  project.add(tag, kind.statements);
  if (kind.rollback) {
    const extra = join(project.root, 'drizzle.extra');
    mkdirSync(extra, { recursive: true });
    writeFileSync(join(extra, `${tag}.rollback.sql`), kind.rollback.join('\n'));
  }
  const reset = await keepAll(stand);
  const contents = [await contentOf(stand)];
  {
    await using tool = await startTool(stand.target, kind.statements);
    for (const _ of kind.statements) {
      if ((await tool.step()) !== 'done') break;
      contents.push(await contentOf(stand));
    }
  }
  await reset();
  const { exitCode } = await run(stand, built, ['deploy', 'staging', '--yes']);
  const whole = exitCode === 0 ? await contentOf(stand) : undefined;
  return { reset, contents, whole };
}

async function die(stand: Stand, { statements }: Kind, death: ToolDeath, after: number): Promise<void> {
  await using tool = await startTool(stand.target, death.runs?.(statements, after + 1) ?? statements);
  for (let done = 0; done < after; done += 1) await tool.step();
  await death.die(tool, stand);
  await tool.ended;
  stand.faults?.none();
}

interface Asked {
  readonly engine: Stand['engine'];
  readonly kind: string;
  readonly by: 'another tool';
  readonly death: string;
  readonly point: string;
  /** What was carried out before, so that the same state is not asked twice. */
  readonly carried: Set<string>;
}

async function askAbout(matrix: Matrix, known: Known, { carried, ...cell }: Asked): Promise<void> {
  const { stand, kind, tally } = matrix;
  const left = await contentOf(stand);
  const putBack = await keepAll(stand);
  const truth = truthOf(left, known.contents, kind);
  for (const ledger of ['kept', 'deleted'] as const) {
    const asAsked = async () => {
      await putBack();
      if (ledger === 'deleted') rmSync(join(stand.project.root, '.migrate-tui'), { recursive: true });
    };
    await asAsked();
    const found = await askRecover(matrix);
    const about = found.find((one) => one.tag === tag);
    tally.cells.push({
      ...cell,
      ledger,
      verdict: truth ? judge(about, truth) : unknownContent(left, known.contents),
    });
    const contents = {
      before: known.contents[0] ?? left,
      left,
      whole: known.whole ?? known.contents.at(-1) ?? left,
      deploy: known.whole ? 'possible' : 'refused',
    } as const;
    await carryOutEach(matrix, found, { contents, point: cell.point, carried, putBack: asAsked });
  }
}

/** Undefined: no statement leaves what is there. */
function truthOf(left: Content, contents: readonly Content[], { statements }: Kind): Truth | undefined {
  const after = new Set(contents.flatMap((each, point) => (isSame(each, left) ? [point] : [])));
  const sameSchema = new Set(
    contents.flatMap((each, point) => (each.objects === left.objects ? [point] : [])),
  );
  return after.size === 0 ? undefined : { after, of: statements.length, sameSchema };
}

function unknownContent(left: Content, contents: readonly Content[]): { kind: 'wrong'; said: string } {
  const near = contents.findIndex(({ objects }) => objects === left.objects);
  return {
    kind: 'wrong',
    said: `the test does not know the content that is there (schema of point ${near})`,
  };
}
