import type { Moment } from './moments.ts';
import type { Stand } from './stand.ts';

/** A way in which a run of ours ends. */
export interface OwnDeath {
  readonly name: string;
  readonly moments: readonly Moment[];
  /** Why there is no such death on an engine; undefined: there is. */
  cannotBe(stand: Stand, moment: Moment): string | undefined;
  readonly signal?: NodeJS.Signals;
  /** What becomes of the request that the run waits for. */
  readonly answer?: 'run' | 'drop' | 'cut';
  /** Another text of the file, as it is while it runs. */
  text?(statements: readonly string[]): readonly string[];
  /** The server has no room for the unit. */
  readonly refused?: 'by the server';
  /** In front of the program. */
  shell?(stand: Stand): string | undefined;
}

const moments: readonly Moment[] = [
  'before the intent',
  'after the intent',
  'in the first statement',
  'in a middle statement',
  'before the record',
  'unit under way',
  'before the outcome',
  'after the outcome',
];

function byMoment({ faults }: Stand, moment: Moment): string | undefined {
  const isInside =
    moment === 'in the first statement' ||
    moment === 'in a middle statement' ||
    moment === 'before the record';
  if (faults && isInside) return 'a unit is one request: who sends it is not there between its statements';
  if (!faults && moment === 'unit under way') return 'a unit is statements in this process: see those';
  return undefined;
}

const onlyRemote = ({ faults }: Stand) =>
  faults ? undefined : 'the file is opened in place, there is no connection to cut';

export const ownDeaths: readonly OwnDeath[] = [
  { name: 'kill -9', moments, cannotBe: byMoment, signal: 'SIGKILL' },
  { name: 'SIGTERM', moments, cannotBe: byMoment, signal: 'SIGTERM' },
  {
    name: 'connection cut, not carried out',
    moments: ['unit under way'],
    cannotBe: onlyRemote,
    answer: 'drop',
  },
  {
    name: 'connection cut, carried out',
    moments: ['unit under way'],
    cannotBe: onlyRemote,
    answer: 'cut',
  },
  {
    name: 'disk full',
    moments: ['by itself'],
    cannotBe: () => undefined,
    refused: 'by the server',
    text: (statements) => [...statements, 'CREATE TABLE big AS SELECT zeroblob(4000000) AS data;'],
    // No file may grow beyond so many blocks of 512 bytes.
    shell: ({ faults }) => (faults ? undefined : 'ulimit -f 4000 && exec "$@"'),
  },
  ...['first', 'middle', 'last'].map((place): OwnDeath => ({
    name: `error in the ${place} statement`,
    moments: ['by itself'],
    cannotBe: () => undefined,
    text: (statements) => statements.toSpliced(at(place, statements.length), 0, failing),
  })),
];

function at(place: string, count: number): number {
  if (place === 'first') return 0;
  return place === 'middle' ? Math.floor(count / 2) : count;
}

/** The key is there already. */
const failing = 'INSERT INTO badges (id) VALUES (2);';
