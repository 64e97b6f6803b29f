import { code, fenced } from '../../lib/markdown.ts';
import { quantity } from '../../lib/numbers.ts';
import type { SchemaDifference } from '../../schema/schema.ts';
import { textDiff } from '../../schema/text-diff.ts';
import { tokens } from '../../sql/tokens.ts';
import type { Incident, IncidentDatabase, SchemaNow } from './incident.ts';
import { said } from './said.ts';

/** What is in each schema that was not before, or that its records do not explain; as a diff, in bounded length. */
export function schemaSection(incident: Incident): readonly string[] {
  const several = incident.databases.length > 1;
  return incident.databases.flatMap((database, index) => [
    ...(several ? [...(index === 0 ? [] : ['']), `### ${code(database.name)}`, ''] : []),
    ...changesOf(database, incident),
  ]);
}

function changesOf({ now }: IncidentDatabase, incident: Incident): readonly string[] {
  if (now.kind === 'not-read') return [`Not read: ${said(now.why, incident)}`];
  const { schema } = now;
  if (schema.kind === 'not-compared') return [`Not compared: ${said(schema.why, incident)}`];
  const { differences } = schema;
  if (differences.length === 0) return [`It is ${against(schema)}, without a difference.`];
  const shown = differences.slice(0, mostObjects);
  const left = differences.length - shown.length;
  return [
    `${quantity(differences.length, 'object')} ${differences.length === 1 ? 'differs' : 'differ'}. On the left: ${against(schema)}. On the right: what is there now.`,
    ...shown.flatMap((difference) => ['', ...sayDifference(difference)]),
    ...(left === 0 ? [] : ['', `${quantity(left, 'more object')} ${left === 1 ? 'is' : 'are'} not shown.`]),
  ];
}

function against({ with: base }: Extract<SchemaNow, { kind: 'compared' }>): string {
  return base.kind === 'before'
    ? `what was there before ${code(base.tag)}`
    : 'what the migrations make that it has records of';
}

function sayDifference({ type, name, change, left, right }: SchemaDifference): readonly string[] {
  const title = `- ${type} ${code(name)}: ${change}`;
  const [before, after] = [withoutTexts(left ?? ''), withoutTexts(right ?? '')];
  if (before === after) return [`${title}, in a value that is left out here`];
  const diff = textDiff(before, after, { context: 2, maxLines });
  if (diff.kind === 'too-large') return [`${title}, too much to be shown line by line`];
  const lines = diff.lines.slice(0, mostLines);
  const more = diff.lines.length - lines.length;
  return [
    title,
    '',
    ...fenced('diff', [...lines, ...(more === 0 ? [] : [`… ${quantity(more, 'more line')}`])]),
  ];
}

/** A default or a check may hold what nobody should read here; figures are lengths and limits. */
function withoutTexts(sql: string): string {
  return [...tokens(sql)]
    .map(({ kind, text }) => (kind === 'string' ? "'•••'" : kind === 'blob' ? "x'•••'" : text))
    .join('');
}

const mostObjects = 20;
const mostLines = 40;
const maxLines = 4000;
