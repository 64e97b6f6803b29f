import { commandLine } from '../../lib/command-line.ts';
import { count, quantity } from '../../lib/numbers.ts';
import { stopped } from '../../lib/sentences.ts';
import type { DriftBase } from '../../operations/questions.ts';
import type { DriftObject, DriftReport } from '../../operations/reports.ts';
import { itemsOf, type DriftItem } from '../screens/drift/state.ts';
import { piecesOf } from '../screens/drift/pieces.ts';
import { causeWords, countWords, equalWords, nameOf, otherWords } from '../screens/drift/words.ts';
import type { Commands, Voice } from './conversation.ts';
import { sayError } from './watch.ts';

/** An environment by its number or its name. */
export function named(text: string, names: readonly string[]): string | undefined {
  return names[Number(text) - 1] ?? names.find((name) => name === text);
}

/** What is compared: one environment with its migrations, or with another one. */
interface Sides {
  readonly environment: string;
  readonly than: DriftBase;
}

/** What differs in one environment, in sentences: `c 1`, or `c 1 staging` for two of them. */
export async function compare(
  voice: Voice,
  commands: Commands,
  { words, names }: { readonly words: readonly string[]; readonly names: readonly string[] },
): Promise<void> {
  const [environment, other] = words.map((word) => named(word, names));
  const unknown = words.find((word) => named(word, names) === undefined);
  if (unknown !== undefined) return voice.say(`No environment is called ${stopped(unknown)}`);
  if (environment === undefined || words.length > 2)
    return voice.say('c needs one environment behind it, such as c 1, or two that are compared.');
  const than: DriftBase = other === undefined ? { kind: 'migrations' } : { kind: 'environment', name: other };
  const report = await commands.ask(['drift', environment, ...(other === undefined ? [] : [other])]);
  if ('code' in report) return sayError(voice, report);
  if (report.kind !== 'drift') return;
  for (const sentence of driftSentences({ environment, than, place: commands.place }, report))
    voice.say(sentence);
}

/** As many as can be listened to; the command line has the rest. */
const most = 20;

function driftSentences(sides: Sides & Pick<Commands, 'place'>, report: DriftReport): readonly string[] {
  const { environment, than, place } = sides;
  const items = itemsOf(report);
  const left = items.length - most;
  const other = than.kind === 'environment' ? [than.name] : [];
  return [
    report.equal
      ? equalWords(sides, report)
      : `${environment} compared with ${otherWords(than)}: ${countWords(report)}`,
    ...items
      .slice(0, most)
      .flatMap((item, index) => itemSentences(sides, item, `${count(index + 1)} of ${count(items.length)}`)),
    ...(left > 0
      ? [
          `${quantity(left, 'more object')}; all of them with ${commandLine(['drift', environment, ...other], place)}`,
        ]
      : []),
  ];
}

function itemSentences(sides: Sides, item: DriftItem, place: string): readonly string[] {
  const why = causeWords(item);
  const cause = why === undefined ? '' : ` ${sentence(why.join(' '))}`;
  const head = `Difference ${place}, database ${item.object.database}, ${nameOf(item.object)}`;
  if (item.kind === 'allowed') return [`${head}.${cause}`];
  return [`${head}: ${changeWords(sides, item.object)}.${cause}`, ...textSentences(sides, item.object)];
}

function sentence(text: string): string {
  return stopped(`${text.charAt(0).toUpperCase()}${text.slice(1)}`);
}

function changeWords({ environment, than }: Sides, { change }: DriftObject): string {
  switch (change) {
    case 'added':
      return `only ${environment} has it`;
    case 'removed':
      return `only ${otherWords(than)} ${than.kind === 'migrations' ? 'have' : 'has'} it`;
    case 'changed':
      return 'it differs';
  }
}

/** Each place that differs, as each side has it. */
function textSentences({ environment, than }: Sides, object: DriftObject): readonly string[] {
  return piecesOf(object).flatMap((piece) => {
    if (piece.kind === 'same') return [];
    return [
      ...(piece.left.length > 0 ? [`In ${otherWords(than)}: ${onOneLine(piece.left)}`] : []),
      ...(piece.right.length > 0 ? [`In ${environment}: ${onOneLine(piece.right)}`] : []),
    ];
  });
}

function onOneLine(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .join(' ')
    .replace(/,$/, '');
}
