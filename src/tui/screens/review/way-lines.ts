import { quantity } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import type { PlanReport } from '../../../operations/reports.ts';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { beginningOnOneLine } from '../../present/sql.ts';
import type { StepRow } from '../../present/steps.ts';
import { wayTitle } from '../../present/way-out.ts';
import type { ChosenWay } from '../../screen.ts';
import { overwrites, rehearses } from './way.ts';

/** What the way is, in one sentence: `Go on from statement 5 in dev, database app: 8 statements.` */
export function waySentence(way: ChosenWay, { environment }: PlanReport): string {
  const { found, option, back } = way;
  const title = wayTitle(way);
  const statements = back?.statements ?? option.statements?.length;
  const amount = statements === undefined ? '' : `: ${quantity(statements, 'statement')}`;
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} in ${environment}, database ${found.database}${amount}.`;
}

/** Why it is the way, or what it costs. */
export function reasonLines({ found, option }: ChosenWay, width: number): readonly Line[] {
  const recommended = option.recommended ? 'Recommended: ' : '';
  return [`${found.tag}: ${found.verdict}.`, `${recommended}${option.why}`].flatMap((text) =>
    paragraph(text, { width, indent: 4 }),
  );
}

/** Every statement that it runs, with its number in the file where it is one of the file's. */
export function runLines(signs: Signs, way: ChosenWay, width: number): readonly Line[] {
  const { statements = [] } = way.option;
  const inFile = numbersInFile(way);
  const place = inFile.some((number) => number !== undefined) && width >= 76 ? 16 : 0;
  const digits = Math.max(...inFile.map((number) => String(number ?? '').length));
  return [
    ...(statements.length === 0 ? [] : [rule(signs, width, [{ at: 3, title: 'what is run' }])]),
    ...statements.map((sql, index) =>
      columns(signs, [
        { content: say(`  ${String(index + 1).padStart(3)}`, 'dim'), width: 7 },
        { content: beginningOnOneLine(sql), width: width - 8 - place },
        {
          content: say(
            inFile[index] === undefined ? '' : `  ${String(inFile[index]).padStart(digits)} in the file`,
            'dim',
          ),
          width: place,
        },
      ]),
    ),
  ];
}

/** The file's statements come in its order; what the way adds of its own has no number there. */
function numbersInFile({ found, option }: ChosenWay): readonly (number | undefined)[] {
  const left = [...(found.statements ?? [])];
  return (option.statements ?? []).map((sql) => {
    const at = left.findIndex((statement) => statement.sql === sql);
    return at < 0 ? undefined : left.splice(0, at + 1).at(-1)?.number;
  });
}

/** The steps of a way that runs no statement of a migration. */
export function correctionSteps(way: ChosenWay, { environment }: PlanReport): readonly StepRow[] {
  if (way.option.id === 'take-over') {
    return [
      toCome('apply', 'the lock is taken over from the run that left it, and given back'),
      toCome('verify', 'looks again: the lock must be gone'),
    ];
  }
  const written = overwrites(way)
    ? `the backup takes the place of what ${environment} holds now, under a lock`
    : 'the tracking table alone, in one transaction under a lock; no migration is run';
  return [
    toCome('backup', `the present state of ${environment}, read back and checked: the way back`),
    toCome(overwrites(way) ? 'restore' : 'apply', written),
    toCome('verify', 'looks again: what was found must be gone'),
  ];
}

function toCome(name: string, says: string): StepRow {
  return { sign: 'pending', tone: 'text', name, time: '', says, saysTone: 'dim' };
}

/** What the environment is before anything of the way was done. */
export function beforeWords(way: ChosenWay, { environment }: PlanReport): string {
  if (rehearses(way))
    return `Nothing was done yet: t takes a backup and rehearses it on a copy; ${environment} is only read.`;
  return overwrites(way)
    ? `Nothing was done yet; ${environment} is as it was.`
    : 'Nothing was written yet, and there is nothing to rehearse.';
}
