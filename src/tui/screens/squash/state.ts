import type { SquashEnvironment, SquashProof, SquashReport } from '../../../operations/squash/report.ts';
import type { Typed } from '../../present/typed.ts';
import type { Known, Reading } from '../reading.ts';

/** What is asked for, what came of it, and where the eye is. */
export interface SquashState {
  readonly asked: SquashAsked;
  /** The last answer. It stays, dim, while it is proven again. */
  readonly known: Known<SquashReport> | undefined;
  readonly reading: Reading<{ readonly how: 'prove' | 'write' }>;
  /** Of the answer that is waited for: those that are known. */
  readonly proven: readonly SquashProof[];
  /** Of the rows, from 0. */
  readonly at: number;
  /** There while something is being typed. */
  readonly field: Field | undefined;
  /** `file`: what the one file would hold, over the whole screen. */
  readonly shows: 'review' | 'file';
  /** The first row of the file that is drawn. */
  readonly top: number;
}

/** What the command line is asked, as its flags. */
export interface SquashAsked {
  readonly what: 'squash' | 'undo';
  readonly database: string | undefined;
  /** Undefined: the whole history. */
  readonly to: string | undefined;
  readonly leftOut: readonly string[];
  /** Tables whose rows differ from replay to replay and may. */
  readonly accepted: readonly string[];
  readonly reason: string;
}

export type Field =
  | { readonly kind: 'leave-out'; readonly environment: string; readonly typed: Typed }
  | { readonly kind: 'accept'; readonly table: string; readonly typed: Typed };

/** What the cursor can stand on. */
export type SquashRow =
  | { readonly kind: 'environment'; readonly environment: SquashEnvironment }
  | { readonly kind: 'table'; readonly table: string };

export function rowsOf({ known }: SquashState): readonly SquashRow[] {
  if (!known) return [];
  const { environments, changing } = known.report;
  return [
    ...environments.map((environment) => ({ kind: 'environment' as const, environment })),
    ...changing.map((table) => ({ kind: 'table' as const, table })),
  ];
}

/** Undefined while the one file covers them. */
export function rowAt(state: SquashState): SquashRow | undefined {
  return state.shows === 'file' ? undefined : rowsOf(state)[state.at];
}

/** The arguments of the command line, without `--json`. */
export function argumentsOf(asked: SquashAsked, how: 'prove' | 'write'): readonly string[] {
  const { what, database, to, leftOut, accepted, reason } = asked;
  const isSquash = what === 'squash';
  return [
    'squash',
    ...(isSquash ? [] : ['--undo']),
    ...(database === undefined ? [] : ['--database', database]),
    ...(isSquash && to !== undefined ? ['--to', to] : []),
    ...leftOut.flatMap((environment) => ['--leave-out', environment]),
    ...(isSquash ? accepted.flatMap((table) => ['--accept', `replay-differs:${table}`]) : []),
    ...(isSquash && accepted.length > 0 ? ['--reason', reason] : []),
    ...(how === 'write' ? ['--yes'] : []),
    ...(isSquash ? ['--stream'] : []),
  ];
}

/** Whether the environment under the cursor has records of what became one file that could be made one now. */
export function isTidyable(state: SquashState): boolean {
  const row = rowAt(state);
  return row?.kind === 'environment' && row.environment.tidy !== undefined;
}

/** Why nothing can be written now; undefined: it can. */
export function whyNotWritten({ known, reading, field }: SquashState): string | undefined {
  if (reading.kind === 'asking')
    return reading.how === 'write' ? 'it is being written' : 'it is being proven';
  if (reading.kind === 'failed') return 'r reads again first';
  if (field) return 'esc leaves the field';
  switch (known?.report.state) {
    case 'possible':
      return undefined;
    case 'refused':
      return whatFirst(known.report);
    case 'written':
      return 'it is written, u undoes it';
    case 'undone':
      return 'the originals are in their place';
    case 'nothing':
    case undefined:
      return 'there is nothing to write';
  }
}

function whatFirst({ environments, changing, proof, otherRefusals }: SquashReport): string {
  const held = environments.find(({ refusal }) => refusal !== undefined);
  if (held) return `${held.environment} first`;
  if (changing.length > 0) return `rows of ${changing[0]} first, space accepts them`;
  if (otherRefusals.length > 0) return 'refused, the page says why';
  const open = proof.find(({ state }) => state === 'differs');
  return open?.check === 'git' ? 'commit the folder first' : 'the proof failed, the page says where';
}
