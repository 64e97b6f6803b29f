import type { LintFinding, LintReport, LintRule } from '../../src/operations/reports.ts';
import { array, named, number, object, one, oneOf, optional, text } from './schema.ts';

const finding = named(
  'finding',
  object<LintFinding>({
    rule: text(),
    severity: oneOf('error', 'warning', 'info'),
    database: text(),
    tag: text(),
    statement: number('Number of the statement in its migration, from 1; 0: about the file as a whole.'),
    line: number('Line in the file, from 1.'),
    message: text(),
    fix: optional(text('The safe way.')),
    file: text('Relative to the project, with slashes.'),
    column: optional(
      number('Where the statement begins, in UTF-16 units, from 1; without a byte-order mark.'),
    ),
    endLine: optional(number()),
    endColumn: optional(number('The unit after the last of the statement.')),
    environments: optional(array(text())),
  }),
);

export const lint = object<LintReport>({
  schemaVersion: one(1),
  kind: one('lint'),
  findings: array(finding),
  rules: array(object<LintRule>({ id: text(), title: text(), why: text(), fix: text() })),
  databases: array(
    object<LintReport['databases'][number]>({
      database: text(),
      looked: number('Migrations that were looked at.'),
      of: number('Migrations in the folder.'),
      notes: array(text('Why there is more that could not be told.')),
    }),
  ),
  within: optional(text("The project's folder in its repository, where it is not the root of one.")),
});
