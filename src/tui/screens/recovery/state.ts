import type {
  RecoveryCase,
  RecoveryOption,
  RecoveryReport,
  RecoveryTarget,
} from '../../../operations/reports.ts';
import type { Known, Reading } from '../reading.ts';

/** What was found in an environment, and where the eye is. */
export interface RecoveryState {
  readonly environment: string;
  /** The last answer. It stays, dim, while it is read again. */
  readonly known: Known<RecoveryReport> | undefined;
  readonly reading: RecoveryReading;
  /** Of the cases, from 0. */
  readonly at: number;
  /** Of the options of that case, from 0, the impossible ones too: they can be read. */
  readonly way: number;
  /** Of the evidence, from 0, once `n` was pressed. */
  readonly evidence: number | undefined;
  /** `statements`: the SQL of the migration over the whole screen. */
  readonly shows: 'case' | 'statements';
  /** The first row that is drawn of the part that scrolls. */
  readonly top: number;
}

/** `wanted`: what the answer is wanted for. */
export type RecoveryReading = Reading<{ readonly wanted: 'look' | 'review' }>;

/** Milliseconds after which evidence is old: it is read again before it leads to a change. */
const staleAfter = 60_000;

export function firstState(environment: string, now: number): RecoveryState {
  return {
    environment,
    known: undefined,
    reading: { kind: 'asking', since: now, wanted: 'look' },
    at: 0,
    way: 0,
    evidence: undefined,
    shows: 'case',
    top: 0,
  };
}

export function casesOf({ known }: RecoveryState): readonly RecoveryCase[] {
  return known?.report.cases ?? [];
}

/** The database that a case is about. */
export function targetOf({ known }: RecoveryState, { database }: RecoveryCase): RecoveryTarget | undefined {
  return known?.report.targets.find((target) => target.database === database);
}

export function caseAt(state: RecoveryState): RecoveryCase | undefined {
  return casesOf(state)[state.at];
}

/** Where the cursor starts among the ways of a case: never on a restore, which loses rows, as long as there is another. */
export function firstWay({ options }: RecoveryCase): number {
  return Math.max(
    0,
    options.findIndex(({ id }) => id !== 'restore'),
  );
}

export function optionAt(state: RecoveryState): RecoveryOption | undefined {
  return caseAt(state)?.options[state.way];
}

export function isStale({ known, reading }: RecoveryState, now: number): boolean {
  return known !== undefined && (reading.kind !== 'no' || now - known.readAt > staleAfter);
}

/** The number that a way stands under; undefined: it is not open. */
export function numberOfWay({ options }: RecoveryCase, index: number): number | undefined {
  if (options[index]?.allowed !== true) return undefined;
  return options.slice(0, index + 1).filter(({ allowed }) => allowed).length;
}
