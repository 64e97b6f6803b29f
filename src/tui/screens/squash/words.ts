import type { Sign } from '../../../lib/signs.ts';
import type { SquashEnvironment, SquashProof } from '../../../operations/squash/report.ts';
import type { Tone } from '../../theme.ts';

export interface Mark {
  readonly sign: Sign;
  readonly tone: Tone;
}

/** In the order in which they are made. */
export const proofChecks = [
  'git',
  'repeatable',
  'schema',
  'rows',
  'generate',
] as const satisfies readonly SquashProof['check'][];

export const proofName: Readonly<Record<SquashProof['check'], string>> = {
  git: 'git',
  repeatable: 'repeatable',
  schema: 'same schema',
  rows: 'same rows',
  generate: 'nothing to generate',
};

export const proofMark: Readonly<Record<SquashProof['state'], Mark>> = {
  proven: { sign: 'done', tone: 'ok' },
  accepted: { sign: 'done', tone: 'warn' },
  differs: { sign: 'failed', tone: 'danger' },
  'not-possible': { sign: 'unknown', tone: 'dim' },
};

export const placeMark: Readonly<Record<SquashEnvironment['state'], Mark>> = {
  ready: { sign: 'done', tone: 'ok' },
  empty: { sign: 'done', tone: 'dim' },
  'left-out': { sign: 'unknown', tone: 'dim' },
  behind: { sign: 'failed', tone: 'danger' },
  'made-otherwise': { sign: 'failed', tone: 'danger' },
  depends: { sign: 'failed', tone: 'danger' },
  unreachable: { sign: 'unknown', tone: 'warn' },
};

/** What an environment needs, with the keys that lead on from here. */
export function needsOf({ state, says }: SquashEnvironment): string {
  switch (state) {
    case 'unreachable':
      return `did not answer: ${says}. r reads it again, space leaves it out`;
    case 'left-out':
      return 'left out by name, so not asked: it must not be in the middle of these. space asks it again';
    case 'behind':
      return `inside the range: ${says}`;
    case 'ready':
    case 'empty':
    case 'made-otherwise':
    case 'depends':
      return says;
  }
}
