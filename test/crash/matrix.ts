import { builtPackage } from '../support/built-package.ts';
import { startD1Server, type D1Server } from '../support/d1-server.ts';
import { startResident } from '../support/resident.ts';
import { halfStates } from './half-states.ts';
import { ownRuns } from './own-runs.ts';
import { kinds, type Kind } from './kinds.ts';
import type { EngineName } from './stand.ts';
import { openStand } from './stands.ts';
import type { Tally } from './tally.ts';

export interface MatrixOptions {
  readonly engines: (of: { readonly engine: EngineName }) => boolean;
  readonly kinds: (kind: Kind) => boolean;
  /** `halfStates`, what another tool leaves, or `ownRuns`. */
  readonly parts: (part: { readonly name: string }) => boolean;
  /** Told when a part is done. */
  readonly progress: (what: string, sofar: Tally) => void;
  /** Only every so manieth cell; 1: all. */
  readonly every: number;
}

const engines: readonly EngineName[] = [
  'libSQL file',
  'libSQL server',
  'D1 local',
  'D1 remote',
  'libSQL file, numbered',
  'libSQL server, numbered',
];

/** Every engine is a lane of its own: what works is other processes. */
export async function runMatrix(options: MatrixOptions): Promise<Tally> {
  const built = await builtPackage();
  const tally: Tally = { cells: [], ways: [] };
  const chosen = engines.filter((engine) => options.engines({ engine }));
  const ends = await Promise.allSettled(chosen.map((engine) => lane(engine, { ...options, built, tally })));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return tally;
}

interface Lane extends MatrixOptions {
  readonly built: string;
  readonly tally: Tally;
}

async function lane(
  engine: EngineName,
  { built, tally, every, kinds: isChosen, parts: isPart, progress }: Lane,
): Promise<void> {
  let seen = 0;
  const takes = () => (seen += 1) % every === 0;
  await using cli = startResident();
  await using d1 = engine === 'D1 remote' ? await emptyD1() : undefined;
  for (const kind of kinds.filter(isChosen)) {
    for (const part of [halfStates, ownRuns].filter(isPart)) {
      await using stand = await openStand(engine, d1);
      await part({ stand, kind, built, cli, tally, takes });
      progress(`${engine}, ${kind.name}, ${part.name}`, tally);
    }
  }
}

async function emptyD1(): Promise<{ readonly server: D1Server; readonly empty: string } & AsyncDisposable> {
  const server = await startD1Server();
  return {
    server,
    empty: server.database('app').bookmark,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
