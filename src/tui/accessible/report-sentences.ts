import { count, quantity } from '../../lib/numbers.ts';
import { age, moment } from '../../lib/time.ts';
import type { Evidence, TableEvidence } from '../../operations/evidence/evidence.ts';
import type {
  Finding,
  PlanReport,
  StatusEnvironment,
  StatusOpening,
  StatusReport,
} from '../../operations/reports.ts';
import { blockingRefusals, lossesOf } from '../screens/review/demands.ts';
import { plannedOf, writtenOf } from '../screens/review/state.ts';
import { stopped } from '../../lib/sentences.ts';

/** The project and its environments, before any database answered. */
export function openingSentences({
  project,
  environments,
  branch,
  unfinished,
  notes,
}: StatusOpening): readonly string[] {
  return [
    `Project ${project}${branch === undefined ? '' : `, branch ${branch}`}. ${quantity(environments.length, 'environment')}: ${environments.map(({ name }) => name).join(', ')}.`,
    ...notes.map(stopped),
    ...unfinished.map(({ run, operation, environment, outcome }) =>
      outcome === 'running'
        ? `Run ${run}, ${operation} on ${environment}, is still at work.`
        : `Run ${run}, ${operation} on ${environment}, was cut off before its end.`,
    ),
  ];
}

/** One environment as it answered: its state in words for each of its databases. */
export function statusSentences({ environments }: StatusReport, number: number): readonly string[] {
  return environments.flatMap((environment) =>
    environment.targets.map((target) => {
      const { database, state, applied, pending, error } = target;
      const protectedWord = environment.protected ? ', protected' : '';
      const place = `Environment ${number}, ${environment.name}${protectedWord}, database ${database}`;
      if (error) return `${place}: unreachable. ${stopped(error.message)}`;
      return `${place}: ${state.join(' and ')}. ${count(applied)} applied, ${count(pending)} pending.${exceptions(target)}`;
    }),
  );
}

function exceptions({ items }: StatusEnvironment['targets'][number]): string {
  const squashed = items.filter(({ state }) => state === 'squashed').length;
  const settled = squashed === 0 ? '' : ` ${quantity(squashed, 'record')} of squashed files.`;
  const odd = items.filter(({ state }) => state !== 'applied' && state !== 'pending' && state !== 'squashed');
  if (odd.length === 0) return settled;
  return `${settled} ${odd.map(({ tag, state, after, of }) => `${tag} is ${state}${after === undefined ? '' : ` after statement ${after} of ${of ?? 'an unknown number'}`}`).join('; ')}.`;
}

/** What a deploy would do, before anything was done. */
export function planSentences(plan: PlanReport, now: number): readonly string[] {
  const planned = plannedOf(plan);
  const waiting = plan.databases.flatMap((one) => one.waiting);
  const statements = planned.reduce((sum, one) => sum + one.statements, 0);
  const databases = writtenOf(plan)
    .map(({ database }) => database)
    .join(', ');
  return [
    `Deploy to ${plan.environment}, database ${databases}. ${planned.length} of ${planned.length + waiting.length} pending migrations, ${quantity(statements, 'statement')}.`,
    ...planned.map(({ tag, statements: of, elsewhere }, index) => {
      const place = elsewhere.at(-1);
      const since =
        place?.at === undefined ? '' : ` for ${age(place.at, new Date(now))}, since ${moment(place.at)}`;
      const where = place ? `on ${place.environment}${since}` : 'applied nowhere else yet';
      return `Migration ${index + 1} of ${planned.length}: ${tag}, ${quantity(of, 'statement')}, ${where}.`;
    }),
    ...waiting.map(({ tag, why }) => `${tag} waits: ${stopped(why)}`),
    ...findingSentences(plan),
    ...plan.warnings.map(stopped),
    ...refusalSentences(plan),
  ];
}

/** What stands in the way as things are; what only needs to be typed is asked for instead. */
export function refusalSentences(plan: PlanReport): readonly string[] {
  return blockingRefusals(plan).map(
    ({ message, next }) => `Refused: ${stopped(message)}${next === undefined ? '' : ` ${stopped(next)}`}`,
  );
}

export function findingSentences({ findings }: PlanReport): readonly string[] {
  return findings.map((finding, index) => findingSentence(finding, index + 1, findings.length));
}

function findingSentence(
  { severity, tag, statement, message, fix }: Finding,
  number: number,
  of: number,
): string {
  const word = severity === 'info' ? 'note' : severity;
  const safeWay = fix === undefined ? '' : ` ${severity === 'info' ? '' : 'Safe way: '}${stopped(fix)}`;
  return `Finding ${count(number)} of ${count(of)}, ${word}, ${tag} statement ${statement}: ${stopped(message)}${safeWay}`;
}

/** What the dry-run showed, loss first. */
export function evidenceSentences(plan: PlanReport): readonly string[] {
  const evidence = plan.evidence ?? [];
  const tables = evidence.flatMap((one) => one.tables);
  const unasked = lossesOf(plan).map(
    ({ table, says }) => `Loss: ${table} ${says} and no statement says so. Nothing was changed.`,
  );
  const broken = evidence.flatMap(({ violations }) =>
    violations.added.map(
      ({ table, parent, count: rows }) =>
        `${quantity(rows, 'row')} of ${table} would refer to nothing in ${parent}.`,
    ),
  );
  return [
    ...unasked,
    ...tables.map((table) => `Evidence: ${tableWords(table)}.`),
    ...broken,
    ...unchangedWords(evidence),
  ];
}

function tableWords({ table, rowsBefore, rowsAfter, causes }: TableEvidence): string {
  const [cause] = causes;
  const asked = cause ? `; statement ${cause.statement} of ${cause.tag} asks for that` : '';
  if (rowsBefore === undefined) return `${table} is new, with ${quantity(rowsAfter ?? 0, 'row')}`;
  if (rowsAfter === undefined) return `${table} is gone, with its ${quantity(rowsBefore, 'row')}${asked}`;
  if (rowsBefore === rowsAfter)
    return `${table} keeps its ${quantity(rowsBefore, 'row')}, with other values${asked}`;
  return `${table} goes from ${count(rowsBefore)} to ${quantity(rowsAfter, 'row')}${asked}`;
}

function unchangedWords(evidence: readonly Evidence[]): readonly string[] {
  const tables = evidence.reduce((sum, { unchangedTables }) => sum + unchangedTables.count, 0);
  return tables === 0 ? [] : [`${quantity(tables, 'other table')} unchanged.`];
}
