import { duration, quantity } from '../../lib/numbers.ts';
import type { RunEvent, TagOf } from '../../operations/events.ts';
import { evidenceText } from './evidence.ts';
import { findingsText } from './findings.ts';
import { shown } from '../output/output.ts';
import type { Style } from '../output/style.ts';

type End = Extract<RunEvent, { kind: 'done' | 'failed' }>;

/** What a run came to: what happened, what stayed, what to do next, with every command in full. */
export function resultText(end: End, events: readonly RunEvent[], style: Style): readonly string[] {
  return [
    ...evidenceOf(end, events, style),
    ...(end.kind === 'done' ? doneText(end, events, style) : failedText(end, events, style)),
  ];
}

/** What the rehearsal showed, where it is what was asked for, or what the refusal is about. */
function evidenceOf(end: End, events: readonly RunEvent[], style: Style): readonly string[] {
  const rehearsalOnly = events.some((event) => event.kind === 'started' && event.operation === 'dry-run');
  const refused = end.kind === 'failed' && aboutEvidence.has(end.code);
  if (!rehearsalOnly && !refused) return [];
  return events.flatMap((event) => {
    if (event.kind === 'rehearsed') return findingsText(event.findings ?? [], style);
    return event.kind === 'step-finished' && event.evidence !== undefined
      ? evidenceText(event.evidence, style)
      : [];
  });
}

const aboutEvidence: ReadonlySet<string> = new Set(['rows-lost', 'not-confirmed', 'protected']);

function doneText(
  end: Extract<End, { kind: 'done' }>,
  events: readonly RunEvent[],
  style: Style,
): readonly string[] {
  const { paint, signs } = style;
  const started = events.find((event) => event.kind === 'started');
  const rehearsed = events.findLast((event) => event.kind === 'rehearsed');
  const verified = events.filter((event) => event.kind === 'step-finished').findLast(isVerify);
  const environment = started?.environment ?? '';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['applied', tags(end.applied)],
    ['taken back', tags(end.undone ?? [])],
    ['verified', verified?.says],
    ['plan', rehearsed?.plan],
    ['hash', rehearsed?.hash],
    ['backup', end.backup],
    ['next', end.next],
    ...restoreCommands(environment, end, events).map(
      (words, at) => [at === 0 ? 'to restore' : '', style.command(words)] as const,
    ),
  ];
  return [
    `${paint('ok', signs.done)} ${shown(end.message)} ${duration(end.took)}${runOf(end, events)}`,
    ...changedIn(events),
    ...named(lines),
  ];
}

/** What another program changed in a database that was pushed to. */
function changedIn(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'step-finished'
      ? (event.changed ?? []).map(({ type, name, change }) => `  ${change.padEnd(12)}${type} ${shown(name)}`)
      : [],
  );
}

function isVerify({ step }: Extract<RunEvent, { kind: 'step-finished' }>): boolean {
  return step === 'verify';
}

/** One for each database that the backup holds: a restore is of one. */
function restoreCommands(
  environment: string,
  { applied, undone = [], backup }: Extract<End, { kind: 'done' }>,
  events: readonly RunEvent[],
): readonly (readonly string[])[] {
  const steps = events.filter((event) => event.kind === 'step-finished');
  const isChanged =
    applied.length + undone.length > 0 ||
    changedIn(events).length > 0 ||
    steps.some(({ step }) => replacesRows.has(step));
  if (backup === undefined || !isChanged) return [];
  const held =
    steps.find((step) => step.step === 'backup' && step.backup === backup)?.database.split(', ') ?? [];
  const words = ['restore', environment, backup];
  return held.length < 2 ? [words] : held.map((database) => [...words, '--database', database]);
}

const replacesRows: ReadonlySet<string> = new Set(['empty', 'copy']);

function failedText(
  end: Extract<End, { kind: 'failed' }>,
  events: readonly RunEvent[],
  { paint, signs }: Style,
): readonly string[] {
  const rehearsed = events.findLast((event) => event.kind === 'rehearsed');
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['applied', tags(end.applied)],
    ['taken back', tags(end.undone ?? [])],
    ['plan', end.code === 'not-confirmed' ? rehearsed?.plan : undefined],
    ['failed', end.failed === undefined ? undefined : tags([end.failed])],
    ['not begun', tags(end.notBegun)],
    ['hash', end.hash],
    ['next', end.next],
  ];
  return [`${paint('danger', signs.failed)} ${shown(end.message)}${runOf(end, events)}`, ...named(lines)];
}

/** What ended before it began is no run, and has no record to look at. */
function runOf({ run }: End, events: readonly RunEvent[]): string {
  return run !== 0 && events.some(({ kind }) => kind === 'started') ? ` (run ${run})` : '';
}

function named(lines: readonly (readonly [string, string | undefined])[]): readonly string[] {
  return lines.flatMap(([name, text]) =>
    text === undefined || text === '' ? [] : [`  ${name.padEnd(12)}${shown(text)}`],
  );
}

function tags(all: readonly TagOf[]): string | undefined {
  if (all.length === 0) return undefined;
  const databases = new Set(all.map(({ database }) => database));
  const names = all.map(({ tag, database }) => (databases.size > 1 ? `${tag} (${database})` : tag));
  if (names.length <= 3) return names.join(', ');
  return `${quantity(names.length, 'migration')}: ${names[0]} to ${names.at(-1)}`;
}
