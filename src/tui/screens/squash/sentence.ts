import { quantity } from '../../../lib/numbers.ts';
import type { SquashReport } from '../../../operations/squash/report.ts';
import type { Mark } from './words.ts';

/** What it all comes to, in one sentence with its sign. */
export function sentenceOf({
  state,
  baseline,
  migrations,
  folder,
  archive,
  undo,
}: SquashReport): Mark & { readonly text: string } {
  const [first, last] = [migrations[0]?.tag ?? '', migrations.at(-1)?.tag ?? ''];
  const files = quantity(migrations.length, 'file');
  const squash = `Squash ${first} to ${last} into one file: ${files} become 1.`;
  const back = `Put ${first} to ${last} back in the place of the one file.`;
  switch (state) {
    case 'possible':
      return { sign: 'pending', tone: 'text', text: `${baseline ? squash : back} Nothing is written yet.` };
    case 'refused':
      return {
        sign: 'failed',
        tone: 'danger',
        text: `${baseline ? squash : back} Refused, and nothing was written.`,
      };
    case 'written':
      return {
        sign: 'done',
        tone: 'ok',
        text: `${baseline?.file ?? ''} stands for ${files}, ${first} to ${last}. The originals are in ${archive}: commit both folders together.`,
      };
    case 'undone':
      return {
        sign: 'done',
        tone: 'ok',
        text: `${first} to ${last} are in ${folder} again: ${files}. Commit the folder.`,
      };
    case 'nothing':
      return { sign: 'nothing', tone: 'dim', text: nothingText(migrations.length, undo) };
  }
}

function nothingText(count: number, undo: SquashReport['undo']): string {
  const standing = undo ? ` It stands for ${quantity(undo.migrations, 'file')}: u puts them back.` : '';
  if (count === 0) return 'No migration, or none that was squashed: nothing to do.';
  return `${count === 1 ? 'One migration' : quantity(count, 'migration')}: nothing to squash.${standing}`;
}
