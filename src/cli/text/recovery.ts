import { quantity } from '../../lib/numbers.ts';
import type { RecoveryCase, RecoveryOption, RecoveryReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';

/** A line a case with its verdict, what it rests on, and the ways out with the command of each. */
export function recoveryText(
  { environment, only, targets, cases }: RecoveryReport,
  style: Style,
): readonly string[] {
  const name = shown(environment);
  const said =
    cases.length === 0
      ? [`Nothing ${only ? `of ${shown(only.tag)} ` : ''}in ${name} is unfinished or contradicts itself.`]
      : cases.flatMap((one, index) => caseText(one, { environment, only, cases, index, style }));
  const remarks = targets.flatMap(({ location, remark, lead }) =>
    [remark, lead].flatMap((text) => (text === undefined ? [] : [`${shown(location)}: ${shown(text)}`])),
  );
  return [...remarks, ...said, ...othersText(only, cases.length, style.command(['recover', environment]))];
}

function othersText(only: RecoveryReport['only'], shownCases: number, command: string): readonly string[] {
  if (only === undefined || only.others === 0) return [];
  const whose = only.others === 1 ? 'Of another migration' : 'Of other migrations';
  const more = shownCases === 0 ? '' : ' more';
  return [`${whose}: ${shown(command)} names ${quantity(only.others, 'case')}${more}.`];
}

interface Around {
  readonly environment: string;
  readonly only: RecoveryReport['only'];
  /** All of them. */
  readonly cases: readonly RecoveryCase[];
  readonly index: number;
  readonly style: Style;
}

function caseText(one: RecoveryCase, around: Around): readonly string[] {
  const { database, tag, verdict, evidence, meaning = [], options } = one;
  const { cases, index, style } = around;
  const alike = cases.slice(0, index).find((other) => isAlike(other, one));
  return [
    `${isOfSeveral(cases) ? `[${shown(database)}] ` : ''}${style.paint('danger', `${shown(tag)}: ${shown(verdict)}`)}`,
    ...evidence.map((line) => `    ${shown(line)}`),
    ...(alike
      ? [`    ${style.paint('dim', `The ways are those of ${shown(alike.tag)}, with --only ${shown(tag)}.`)}`]
      : [
          ...meaning.map((line) => `    ${style.paint('dim', shown(line))}`),
          ...options.flatMap((option) => optionText(option, one, around)),
        ]),
  ];
}

/** Twenty of a kind are not explained twenty times. */
function isAlike(left: RecoveryCase, right: RecoveryCase): boolean {
  const what = ({ database, situation, meaning = [], options }: RecoveryCase) =>
    JSON.stringify([
      database,
      situation,
      meaning,
      options.map(({ id, recommended, allowed }) => [id, recommended, allowed]),
    ]);
  return right.options.some(({ allowed }) => allowed) && what(left) === what(right);
}

function isOfSeveral(cases: readonly RecoveryCase[]): boolean {
  return new Set(cases.map(({ database }) => database)).size > 1;
}

function optionText(
  { id, recommended, allowed, why }: RecoveryOption,
  { database, tag }: RecoveryCase,
  { environment, only, cases, style }: Around,
): readonly string[] {
  const sharing = cases.filter(
    (other) => other.database === database && other.options.some((each) => each.allowed && each.id === id),
  );
  const command = style.command([
    'recover',
    environment,
    '--choose',
    id,
    ...(isOfSeveral(cases) ? ['--database', database] : []),
    ...(sharing.length > 1 || only !== undefined ? ['--only', tag] : []),
  ]);
  const word = !allowed ? 'not now' : recommended ? 'recommended' : 'possible';
  return [
    `  ${style.paint(allowed ? 'accent' : 'dim', shown(id))} (${word}): ${shown(why)}`,
    ...(allowed ? [`      ${shown(command)}`] : []),
  ];
}
