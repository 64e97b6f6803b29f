import { quantity } from '../lib/numbers.ts';
import type { FileRule } from './file-rules.ts';
import type { Rule, RuleExample } from './rule.ts';

/** The page of rules, printed from the rules themselves. */
export function rulesPage(rules: readonly Rule[], files: readonly FileRule[]): string {
  return `${[heading, ...rules.map(section), aboutFiles, ...files.map(fileSection)].join('\n\n')}\n`;
}

const heading = `# Rules

What each rule finds in a migration, why it matters, and the safe way. An error blocks a deploy to a protected environment until it is accepted with \`--accept RULE:TAG --reason TEXT\`; warnings and notes are shown. A table that the same plan makes is exempt where rows are concerned. \`rules\` in the [configuration](../docs/configuration.md#the-rest) turns a rule off or gives it another severity; [lint](../docs/lint.md) asks them of files alone.`;

const aboutFiles = `# About whole files

What [lint](../docs/lint.md) finds besides, by trying files out and in the journal beside them. All of it is an error, but what SQLite misses that may be there elsewhere: a table that is older than the folder, a function of the application; and a rollback file that deletes some rows, which may be meant.`;

function fileSection({ id, title, why, fix }: FileRule): string {
  return [`## ${id}`, title, `Why: ${why}`, `Safe way: ${fix}`].join('\n\n');
}

function section(rule: Rule): string {
  return [
    `## ${rule.id}`,
    rule.title,
    `Severity: ${severity(rule)}${rule.policy === undefined ? '' : `, where an environment has \`policy: '${rule.policy}'\``}.`,
    `Why: ${rule.why}`,
    `Safe way: ${rule.fix}`,
    ...(rule.fixOfRollback === undefined ? [] : [`In a rollback file: ${rule.fixOfRollback}`]),
    `Finds:\n\n${rule.rejects.map(example).join('\n\n')}`,
    `Accepts:\n\n${rule.accepts.map(example).join('\n\n')}`,
  ].join('\n\n');
}

/** One word where all engines agree, else each severity with the engines it holds for. */
function severity({ severity: each }: Rule): string {
  const places: readonly (readonly [string, string])[] = [
    [each.file, 'a file'],
    [each.remote, 'a libSQL server'],
    [each.d1Local, 'local D1'],
    [each.d1Remote, 'D1'],
    [each.postgres, 'PostgreSQL'],
  ];
  const words = [...new Set(places.map(([word]) => word))];
  if (words.length === 1) return words.join();
  const groups = words.map((word) => {
    const where = places.flatMap(([said, place]) => (said === word ? [place] : []));
    return `${word === 'off' ? 'nothing' : word} on ${where.join(', ')}`;
  });
  return groups.join('; ');
}

function example({ given = [], sql, rows = {} }: RuleExample): string {
  const before = [
    ...given.map((statement) => `-- before: ${clipped(statement)};`),
    ...Object.entries(rows).map(([table, count]) => `-- ${table} holds ${quantity(count, 'row')}`),
  ];
  const shown = sql.slice(0, mostStatements).map((statement) => `${clipped(statement)};`);
  const more = sql.length > mostStatements ? [`-- … and ${sql.length - mostStatements} more`] : [];
  return ['```sql', ...before, ...shown, ...more, '```'].join('\n');
}

/** Some examples are about size: their beginning says enough. */
function clipped(statement: string): string {
  return statement.length > longestShown ? `${statement.slice(0, longestShown)} …` : statement;
}

const mostStatements = 9;
const longestShown = 160;
