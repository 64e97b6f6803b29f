import type { Sign } from '../../lib/signs.ts';
import type { Finding, ItemState, RunSummary, TargetState } from '../../operations/reports.ts';
import type { Cell } from '../output/table.ts';
import type { Style, Token } from '../output/style.ts';

interface Word {
  readonly sign: Sign;
  readonly word: string;
  readonly as: Token;
}

/** The sign and the word of a migration's state, the same as on the screen. */
export function itemCell(state: ItemState | 'unreachable' | undefined, { signs }: Style): Cell {
  if (state === undefined) return { text: signs.nothing, as: 'dim' };
  return cellOf(items[state], signs);
}

export function targetCell(states: readonly TargetState[], { signs }: Style): Cell {
  const worst = states[0] ?? 'current';
  const { sign, as } = targets[worst];
  return { text: `${signs[sign]} ${states.length === 0 ? worst : states.join(', ')}`, as };
}

export function outcomeCell(run: RunSummary, { signs }: Style): Cell {
  return cellOf(outcomes[run.outcome], signs);
}

export function severityCell(severity: Finding['severity'], { signs }: Style): Cell {
  return cellOf(severities[severity], signs);
}

function cellOf({ sign, word, as }: Word, signs: Style['signs']): Cell {
  return { text: `${signs[sign]} ${word}`, as };
}

const items: Readonly<Record<ItemState | 'unreachable', Word>> = {
  applied: { sign: 'done', word: 'applied', as: 'dim' },
  pending: { sign: 'pending', word: 'pending', as: 'text' },
  skipped: { sign: 'skipped', word: 'skipped', as: 'warn' },
  changed: { sign: 'changed', word: 'changed', as: 'warn' },
  orphan: { sign: 'orphan', word: 'orphan', as: 'warn' },
  half: { sign: 'half', word: 'half', as: 'danger' },
  unrecorded: { sign: 'unrecorded', word: 'unrecorded', as: 'warn' },
  squashed: { sign: 'squashed', word: 'squashed', as: 'dim' },
  unreachable: { sign: 'unknown', word: 'unreachable', as: 'warn' },
};

const targets: Readonly<Record<TargetState, Omit<Word, 'word'>>> = {
  'half-finished': { sign: 'half', as: 'danger' },
  unreachable: { sign: 'unknown', as: 'warn' },
  drifted: { sign: 'differs', as: 'warn' },
  behind: { sign: 'pending', as: 'text' },
  current: { sign: 'done', as: 'ok' },
};

const outcomes: Readonly<Record<RunSummary['outcome'], Word>> = {
  running: { sign: 'running', word: 'running', as: 'accent' },
  done: { sign: 'done', word: 'done', as: 'ok' },
  failed: { sign: 'failed', word: 'failed', as: 'danger' },
  stopped: { sign: 'failed', word: 'stopped', as: 'warn' },
  refused: { sign: 'failed', word: 'refused', as: 'dim' },
  rehearsed: { sign: 'done', word: 'rehearsed', as: 'dim' },
  'cut-off': { sign: 'half', word: 'cut off', as: 'danger' },
};

const severities: Readonly<Record<Finding['severity'], Word>> = {
  error: { sign: 'failed', word: 'error', as: 'danger' },
  warning: { sign: 'finding', word: 'warning', as: 'warn' },
  info: { sign: 'nothing', word: 'note', as: 'dim' },
};
