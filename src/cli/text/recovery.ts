import type { RecoveryCase, RecoveryOption, RecoveryReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';

/** A line a case with its verdict, what it rests on, and the ways out with the command of each. */
export function recoveryText({ environment, cases }: RecoveryReport, style: Style): readonly string[] {
  const name = shown(environment);
  if (cases.length === 0) return [`Nothing in ${name} is unfinished or contradicts itself.`];
  const databases = new Set(cases.map(({ database }) => database));
  return cases.flatMap((one) => caseText(one, { environment: name, several: databases.size > 1, style }));
}

interface Around {
  readonly environment: string;
  readonly several: boolean;
  readonly style: Style;
}

function caseText({ database, tag, verdict, evidence, meaning, options }: RecoveryCase, around: Around) {
  const { several, style } = around;
  return [
    `${several ? `[${shown(database)}] ` : ''}${style.paint('danger', `${shown(tag)}: ${shown(verdict)}`)}`,
    ...evidence.map((line) => `    ${shown(line)}`),
    ...(meaning ?? []).map((line) => `    ${style.paint('dim', shown(line))}`),
    ...options.flatMap((option) => optionText(option, { ...around, database })),
  ];
}

function optionText(
  { id, recommended, allowed, why }: RecoveryOption,
  { environment, several, database, style }: Around & { readonly database: string },
): readonly string[] {
  const named = several ? ` --database ${shown(database)}` : '';
  const command = `migrate-tui recover ${environment} --choose ${shown(id)}${named}`;
  const word = !allowed ? 'not now' : recommended ? 'recommended' : 'possible';
  return [
    `  ${style.paint(allowed ? 'accent' : 'dim', shown(id))} (${word}): ${shown(why)}`,
    ...(allowed ? [`      ${command}`] : []),
  ];
}
