import { bytes, count, duration, quantity } from '../../lib/numbers.ts';
import type { Sign, Signs } from '../../lib/signs.ts';
import { clock } from '../../lib/time.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { committed } from './committed.ts';
import { expectedOfDatabase } from './expected.ts';
import { columns } from './layout.ts';
import { say, type Line } from './line.ts';
import { cutClause, cutInside, widthOf } from './width.ts';
import type { Progress, RunView, StepView } from './run-view.ts';
import { sentAsOne, type MigrationView } from './run-migration.ts';
import type { Tone } from '../theme.ts';

/** The steps of a run, a row each: sign and name, time, and what is known of it now. */
export function stepLines(signs: Signs, view: RunView, { width, now }: StepOptions): readonly Line[] {
  return stepRowLines(signs, stepRows(view, now), { width });
}

/** Rows of steps as they stand on the screen. */
export function stepRowLines(
  signs: Signs,
  rows: readonly StepRow[],
  { width, times = 'kept-free' }: { readonly width: number; readonly times?: 'kept-free' | 'none' },
): readonly Line[] {
  const least = width < 80 ? 0 : 13;
  const nameWidth = Math.min(24, Math.max(least, ...rows.map(({ name }) => name.length + 4)));
  const timeWidth = times === 'none' ? 0 : Math.max(least, ...rows.map(({ time }) => time.length + 2));
  const room = Math.max(0, width - 2 - nameWidth - timeWidth);
  return rows.map((row) =>
    columns(signs, [
      { content: '  ', width: 2 },
      { content: [say(signs[row.sign], row.tone), say(` ${row.name}`)], width: nameWidth },
      { content: [say(row.time)], width: timeWidth, align: 'left' },
      { content: [say(saidIn(signs, row, room), row.saysTone)], width: room },
    ]),
  );
}

/** What matters of it stays where it is narrow: the shorter words that it brings, or how it ended. */
function saidIn(signs: Signs, { says, brief = [], cut = 'end' }: StepRow, room: number): string {
  const fitting = [says, ...brief].find((text) => widthOf(text) <= room);
  if (fitting !== undefined) return fitting;
  return (cut === 'inside' ? cutInside : cutClause)(brief.at(-1) ?? says, room, signs);
}

export interface StepOptions {
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One step in words; the screens draw it as a row, the linear form says it as a sentence. */
export interface StepRow {
  readonly sign: Sign;
  readonly tone: Tone;
  readonly name: string;
  readonly time: string;
  readonly says: string;
  /** The same for less and less room. */
  readonly brief?: readonly string[];
  /** Which part of it gives way: what comes last, or, where that is what came of it, what stands before. */
  readonly cut?: 'end' | 'inside';
  readonly saysTone: Tone;
  /** ISO time of its beginning, once it began. */
  readonly at?: string | undefined;
}

export function stepRows(view: RunView, now: number): readonly StepRow[] {
  const shown = view.steps.filter(isShown);
  const confirmAt = restsOnEvidence(view) ? shown.findIndex((step) => isAfterConsent(view, step)) : 0;
  const confirm = confirmRow(view);
  return shown.flatMap((step, index) => [
    ...(index === confirmAt && confirm ? [confirm] : []),
    stepRow(view, step, now),
  ]);
}

/** The first step that writes; of what nothing rehearsed even the backup waited for the consent. */
function isAfterConsent({ confirmed }: RunView, { step, startedAt = '' }: StepView): boolean {
  return (
    step === 'migrate' ||
    step === 'lock' ||
    step === 'restore' ||
    // A hook of the deploy itself: it waited for the consent.
    (step === 'hook' && confirmed !== undefined && startedAt >= confirmed.at)
  );
}

/** The lock is worth a row only while it is being waited for, or when it could not be had. */
function isShown({ step, state }: StepView): boolean {
  if (step === 'confirm') return false;
  return (step !== 'lock' && step !== 'unlock') || state === 'running' || state === 'failed';
}

function confirmRow(view: RunView): StepRow | undefined {
  const { confirmed, wayBack, environment } = view;
  if (!confirmed) return undefined;
  const typed = confirmed.how === 'typed' ? `${environment} typed` : 'agreed to';
  const how = confirmed.how === 'not-needed' ? 'not needed here' : typed;
  const renewed =
    wayBack?.because === undefined ? undefined : `rows changed: fresh backup ${wayBack.backup} taken`;
  const rests =
    renewed ?? (restsOnEvidence(view) ? 'files, schema and history are those of the evidence' : '');
  const at = clock(confirmed.at);
  const says = `${how} at ${at}${rests === '' ? '' : `; ${rests}`}`;
  const brief = [`${at}; ${renewed ?? 'still as rehearsed'}`, at];
  return {
    sign: 'done',
    tone: 'ok',
    name: 'confirmed',
    time: '',
    says,
    ...(rests === '' ? {} : { brief }),
    saysTone: 'text',
    at: confirmed.at,
  };
}

/** What was agreed to had been rehearsed; a change of records alone, or a reset, has nothing to rehearse. */
export function restsOnEvidence({ operation, evidence }: RunView): boolean {
  return operation === 'deploy' || evidence.length > 0;
}

function stepRow(view: RunView, step: StepView, now: number): StepRow {
  const { sign, tone } = signOf(step);
  const saysTone = step.state === 'to-come' || step.state === 'not-started' ? 'dim' : 'text';
  return {
    sign,
    tone,
    name: nameOf(view, step),
    time: timeOf(view, step, now),
    ...saysOf(view, step, now),
    // A step that is done says last what came of it.
    cut: step.state === 'done' && step.step !== 'migrate' ? 'inside' : 'end',
    saysTone,
    at: step.startedAt,
  };
}

function signOf({ state }: StepView): { readonly sign: Sign; readonly tone: Tone } {
  switch (state) {
    case 'to-come':
      return { sign: 'pending', tone: 'text' };
    case 'running':
      return { sign: 'running', tone: 'accent' };
    case 'done':
      return { sign: 'done', tone: 'ok' };
    case 'failed':
      return { sign: 'failed', tone: 'danger' };
    case 'not-started':
      return { sign: 'nothing', tone: 'dim' };
    default:
      return unreachable(state);
  }
}

/** `apply`, or `apply auth` where there is more than one database. */
export function nameOf(view: RunView, { step, database }: StepView): string {
  const name = step === 'migrate' ? 'apply' : step;
  const several = view.databases.length > 1 && view.databases.includes(database);
  return several ? `${name} ${database}` : name;
}

function timeOf(view: RunView, step: StepView, now: number): string {
  if (step.state === 'running') return duration(elapsed(step.startedAt, now));
  if (step.took !== undefined) return duration(step.took);
  const expected = step.step === 'migrate' ? expectedOfDatabase(view, step.database) : undefined;
  return step.state === 'to-come' && expected !== undefined && expected > 0
    ? `about ${duration(expected)}`
    : '';
}

type Words = Pick<StepRow, 'says' | 'brief'>;

function saysOf(view: RunView, step: StepView, now: number): Words {
  if (step.step === 'migrate') return saysOfApply(view, step, now);
  const { state, progress } = step;
  if (state === 'running' && progress) {
    return { says: progressWords(progress), brief: [progressWords({ ...progress, what: '' })] };
  }
  const says = step.says ?? step.label;
  return { says, brief: (step.step === 'dry-run' ? lossesIn(view) : undefined) ?? shorter(step, says) };
}

/** Whole words for less and less room: what came of a step that is done, before how much it was. */
function shorter({ step, state }: StepView, says: string): readonly string[] {
  if (state !== 'done') return says === ofVerify ? ['schema, rows, keys, integrity'] : [];
  const [first = '', ...rest] = says.split(', ');
  if (step === 'backup') return rest.length < 3 ? [] : [[first, rest[0], rest.at(-1)].join(', ')];
  if (step !== 'dry-run') return [];
  const found = rest.filter((clause) => !/^[\d,]+ migrations? in /.test(clause));
  return [[first, ...found].join(', '), found.join(', ')].filter((text) => text !== '' && text !== says);
}

const ofVerify = 'schema, rows, foreign keys, integrity';

/** The worst of what a dry-run found is what is left of its row where it is narrow. */
function lossesIn({ evidence }: RunView): StepRow['brief'] {
  const losses = evidence.flatMap((one) => one.losses).length;
  if (losses === 0) return undefined;
  return [`${quantity(losses, 'loss', 'losses')} that no statement asks for`];
}

function saysOfApply(view: RunView, step: StepView, now: number): Words {
  const migrations = view.migrations.filter(({ database }) => database === step.database);
  const current = migrations.find(({ state }) => state === 'running');
  if (step.state === 'failed') return { says: step.says ?? '' };
  if (step.state === 'running' && current) return currentWords(view, step, current, migrations, now);
  const statements = migrations.reduce((sum, { of = 0 }) => sum + of, 0);
  const done = migrations.filter(({ state }) => state === 'done').length;
  const words = `${quantity(migrations.length, 'migration')}, ${quantity(statements, 'statement')}`;
  if (step.state === 'done') return { says: migrations.length === 1 ? (step.says ?? words) : words };
  if (step.state === 'not-started' && done > 0) return { says: `${count(done)} of ${words}` };
  return { says: `${words}, ${committed(migrations)}`, brief: [words] };
}

/** Where it is narrow its name is left out: it is the title of the statements below. */
function currentWords(
  view: RunView,
  step: StepView,
  current: MigrationView,
  migrations: readonly MigrationView[],
  now: number,
): Words {
  const place = `${count(migrations.indexOf(current) + 1)} of ${count(migrations.length)}: `;
  const [long, short] = migrations.length === 1 ? ['', ''] : [`${current.tag}, ${place}`, place];
  const of = current.of ?? 0;
  if (current.statements.size === 0 || sentAsOne(current)) {
    const how = current.statements.size === 0 ? '' : ' sent as one batch';
    const what = `${quantity(of, 'statement')}${how}`;
    return { says: `${long}${what}`, brief: [`${short}${what}`] };
  }
  const at = `statement ${count(Math.max(...current.statements.keys()))} of ${count(of)}`;
  const left = leftWords(view, step, now);
  return {
    says: `${long}${at}${left.says}`,
    brief: [`${short}${at}${left.brief}`, `${short}${at}`],
  };
}

function leftWords(
  view: RunView,
  step: StepView,
  now: number,
): { readonly says: string; readonly brief: string } {
  const expected = expectedOfDatabase(view, step.database);
  if (expected === undefined) return { says: '', brief: '' };
  const left = expected - elapsed(step.startedAt, now);
  if (left < 0) {
    const longer = `, ${duration(-left)} longer`;
    return { says: `${longer} than in the dry-run`, brief: longer };
  }
  const about = `, about ${duration(left)} left of`;
  return {
    says: `${about} the ${duration(expected)} expected from the dry-run`,
    brief: `${about} ${duration(expected)}`,
  };
}

export function progressWords(progress: Progress): string {
  const { left, done, total } = progress;
  // What follows the last row, such as putting the copy in its place, is in no estimate.
  const over = left === undefined || done === total;
  return `${amountWords(progress)}${over ? '' : `, about ${duration(left)} left`}`;
}

function amountWords({ done, total, unit, what }: Progress): string {
  const figure = unit === 'bytes' ? bytes : count;
  const word = unit === 'bytes' ? '' : ` ${unit}`;
  const amount =
    total === undefined ? `${figure(done)}${word}` : `${figure(done)} of ${figure(total)}${word}`;
  const far =
    unit === 'statements'
      ? `statement ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}`
      : amount;
  return what === '' ? far : `${what}, ${far}`;
}

export function elapsed(since: string | undefined, now: number): number {
  const from = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(from) ? 0 : Math.max(0, now - from);
}
