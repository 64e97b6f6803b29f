import type { Stand } from './stand.ts';
import type { Tool } from './tool.ts';

/** A way in which another tool ends at a statement. */
export interface ToolDeath {
  readonly name: string;
  /** How many statements it has run, and what it is doing. */
  points(statements: number): readonly { readonly name: string; readonly after: number }[];
  /** Why there is no such death on an engine; undefined: there is. */
  cannotBe(stand: Stand): string | undefined;
  /** Other statements than the file's, for the one at that number. */
  runs?(statements: readonly string[], number: number): readonly string[];
  die(tool: Tool, stand: Stand): Promise<void>;
}

const inside: ToolDeath['points'] = (statements) =>
  Array.from({ length: statements }, (_, after) => ({ name: `in statement ${after + 1}`, after }));

const between: ToolDeath['points'] = (statements) =>
  Array.from({ length: statements + 1 }, (_, after) => ({
    name: after === 0 ? 'before statement 1' : `after statement ${after}`,
    after,
  }));

const always = () => undefined;

const needsConnection = ({ faults }: Stand) =>
  faults ? undefined : 'the file is opened in place, there is no connection to cut';

export const toolDeaths: readonly ToolDeath[] = [
  {
    name: 'kill -9 between statements',
    points: between,
    cannotBe: always,
    die: async (tool) => tool.signal('SIGKILL'),
  },
  {
    name: 'kill -9 in a statement',
    points: inside,
    cannotBe: always,
    die: async (tool) => {
      await tool.begin();
      tool.signal('SIGKILL');
    },
  },
  {
    name: 'SIGTERM in a statement',
    points: inside,
    cannotBe: always,
    die: async (tool) => {
      await tool.begin();
      tool.signal('SIGTERM');
    },
  },
  {
    name: 'SIGTERM between statements',
    points: between,
    cannotBe: always,
    die: async (tool) => tool.signal('SIGTERM'),
  },
  {
    name: 'connection cut, not carried out',
    points: inside,
    cannotBe: needsConnection,
    die: async (tool, { faults }) => {
      faults?.cut('before');
      await failed(tool);
    },
  },
  {
    name: 'connection cut, carried out',
    points: inside,
    cannotBe: needsConnection,
    die: async (tool, { faults }) => {
      faults?.cut('after');
      await failed(tool);
    },
  },
  {
    name: 'disk full',
    points: inside,
    cannotBe: always,
    die: async (tool, { faults }) => {
      if (faults) faults.refuse('request');
      else tool.fill();
      // A statement that needs no room still runs, and so does the next.
      while ((await tool.step()) === 'done');
      tool.signal('SIGKILL');
    },
  },
  {
    name: 'error in the statement',
    points: inside,
    cannotBe: always,
    runs: (statements, number) => statements.map((sql, at) => (at === number - 1 ? `NOW ${sql}` : sql)),
    die: failed,
  },
];

/** What was to fail and did not shows as another content than was to be left; the tool must not wait for ever. */
async function failed(tool: Tool): Promise<void> {
  await tool.step();
  tool.signal('SIGKILL');
}
