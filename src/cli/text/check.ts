import type { CheckedDatabase, CheckFinding, CheckReport } from '../../operations/reports.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';
import { nextOnce } from './next-once.ts';

/** For each database what the schema is to its migrations, then what contradicts itself in the folder. */
export function checkText({ databases }: CheckReport, style: Style): readonly string[] {
  const nextOf = nextOnce(databases.flatMap(({ findings }) => findings));
  return databases.flatMap((database) => [
    `${schemaSign(database, style)} ${shown(database.database)}  ${shown(schemaText(database, style))}`,
    ...(database.schema.sql ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `    ${shown(line)}`),
    ...database.findings.flatMap((finding) => findingText(finding, nextOf(finding), style)),
  ]);
}

function findingText(
  { severity, message }: CheckFinding,
  next: string | undefined,
  style: Style,
): readonly string[] {
  return [
    ...message
      .split('\n')
      .map((line, index) => `${index === 0 ? severitySign(severity, style) : '   '} ${shown(line)}`),
    ...(next === undefined ? [] : [`    ${shown(next)}`]),
  ];
}

function schemaText({ schema }: CheckedDatabase, { command }: Style): string {
  switch (schema.state) {
    case 'current':
      // Not that the migrations make it: drizzle-kit reads its snapshots, and no SQL that somebody wrote.
      return 'The schema is not ahead of the migrations: drizzle-kit would write none.';
    case 'ahead':
      return `The schema is ahead of the migrations: ${schema.says}. Run ${command(['generate'])}.`;
    case 'broken': {
      const place = schema.line === undefined ? schema.file : `${schema.file}:${schema.line}`;
      return `The schema cannot be loaded: ${place}: ${schema.says}`;
    }
    case 'not-known':
      return `Whether the schema is ahead is not known: ${schema.says}.`;
  }
}

function schemaSign({ schema }: CheckedDatabase, { paint, signs }: Style): string {
  switch (schema.state) {
    case 'current':
      return paint('ok', signs.done);
    case 'ahead':
    case 'not-known':
      return paint('warn', signs.finding);
    case 'broken':
      return paint('danger', signs.failed);
  }
}

function severitySign(severity: 'error' | 'warning', { paint, signs }: Style): string {
  return severity === 'error' ? paint('danger', `  ${signs.failed}`) : paint('warn', `  ${signs.finding}`);
}
