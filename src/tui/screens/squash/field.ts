import type { Signs } from '../../../lib/signs.ts';
import { askFrame, type Asked, type FrameRoom } from '../../present/ask-frame.ts';
import type { Line } from '../../present/line.ts';
import type { Field, SquashState } from './state.ts';

/** The frame that asks for a name or a reason, or nothing while nothing is to be typed. */
export function fieldLines(signs: Signs, { field }: SquashState, room: FrameRoom): readonly Line[] {
  return field ? askFrame(signs, wordsOf(field), { typed: field.typed, focus: 'field' }, room) : [];
}

function wordsOf(field: Field): Asked {
  switch (field.kind) {
    case 'leave-out':
      return {
        title: field.environment,
        before: [],
        ask: 'To leave it out unasked, type its name:',
        after:
          'Should it be in the middle of these, migrate-tui brings it on from the archive; the original tool would fail there.',
        expected: field.environment,
      };
    case 'accept':
      return {
        title: field.table,
        before: [],
        ask: 'Why may its rows be those of now?',
        after: 'The words are kept with the squashed file.',
        expected: '',
      };
  }
}
