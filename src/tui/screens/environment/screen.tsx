import { sentences } from '../../../lib/sentences.ts';
import type { ReactElement } from 'react';
import { unicodeSigns, type Signs } from '../../../lib/signs.ts';
import { ago, agoAndMoment } from '../../../lib/time.ts';
import { quantity } from '../../../lib/numbers.ts';
import type { StatusItem, StatusTarget } from '../../../operations/reports.ts';
import { jobKeys, jobEffects } from '../../app/job-keys.ts';
import { askBlocked, hasCase } from '../../app/jobs.ts';
import { Lines } from '../../components/text.tsx';
import { columns, paragraph, rule } from '../../present/layout.ts';
import { say, type Line } from '../../present/line.ts';
import { page } from '../../present/page.ts';
import { widthOf } from '../../present/width.ts';
import type { Binding, Context, Message, RequestOf, Screen, Step, ViewProps } from '../../screen.ts';
import { useSigns } from '../../signs.ts';
import { itemLine, shortLocation, stateLine } from '../environments/words.ts';
import { air, protectionOf } from '../page.ts';
import { scrollBindings, scrolledText } from '../scrolling.ts';

interface EnvironmentState {
  readonly environment: string;
  readonly top: number;
}

/** Everything that is known of one environment: its states, the worst first, and what leads out of each. */
export const environment: Screen<EnvironmentState, RequestOf<'environment'>> = {
  name: 'environment',
  open: ({ environment: name }) => ({ state: { environment: name, top: 0 } }),
  reduce,
  bindings: [...scrollBindings, ...keys()],
  header: (state, context) => ({
    path: [state.environment],
    right: protectionOf(context, state.environment),
  }),
  ticks: () => 1000,
  View,
};

function keys(): readonly Binding<EnvironmentState>[] {
  const job = jobKeys<EnvironmentState>(({ environment: name }) => name);
  return [
    job('deploy', { footer: 3 }),
    job('verify', { footer: 4 }),
    job('compare', { footer: 4 }),
    job('ways', {
      footer: (state, context) =>
        hasCase(context.environments.get(state.environment), context) ? 1 : undefined,
    }),
    job('backups', { footer: 2 }),
    job('rollback'),
    job('bookkeeping'),
    job('fetch'),
    job('runs', { footer: 5 }),
    {
      keys: ['r'],
      action: 'again',
      label: 'read again',
      help: 'ask it again',
      group: 'always',
      footer: (state, context) =>
        askBlocked(context.environments.get(state.environment)) === undefined ? 6 : 1,
    },
    { keys: ['esc', 'q'], action: 'leave', label: 'environments', help: 'back', group: 'always', footer: 7 },
  ];
}

function reduce(state: EnvironmentState, message: Message, context: Context): Step<EnvironmentState> {
  if (message.kind !== 'action') return { state };
  const { environment: name } = state;
  switch (message.action) {
    case 'leave':
      return { state, effects: [{ kind: 'back' }] };
    case 'again':
      return { state, effects: [{ kind: 'refresh', environments: [name] }] };
    default: {
      const { length } = [...air(context), ...lines(unicodeSigns, state, context)];
      const top = scrolledText(message.action, { top: state.top, lines: length, rows: context.rows });
      return top === undefined
        ? { state, effects: jobEffects(message.action, name, context) }
        : { state: { ...state, top } };
    }
  }
}

function View({ state, context }: ViewProps<EnvironmentState>): ReactElement {
  const signs = useSigns();
  const all = [...air(context), ...lines(signs, state, context)];
  return <Lines lines={page(all, { rows: context.rows, top: state.top })} />;
}

function lines(signs: Signs, { environment: name }: EnvironmentState, context: Context): readonly Line[] {
  const known = context.environments.get(name);
  const targets = known?.status?.targets ?? [];
  if (targets.length === 0) return [[say(`  ${signs.nothing} ${name} was not read yet`, 'dim')]];
  const read =
    known?.readAt === undefined
      ? undefined
      : ago(new Date(known.readAt).toISOString(), new Date(context.now));
  return [
    ...unfinishedLines(signs, name, context),
    ...targets.flatMap((target) => [...targetLines(signs, target, { name, context, read }), []]),
  ];
}

/** Runs on it that were cut off or still go on: who, when, from where, and how far. */
function unfinishedLines(
  signs: Signs,
  name: string,
  { opening, columns: width, now }: Context,
): readonly Line[] {
  const runs = opening?.unfinished.filter(({ environment: on }) => on === name) ?? [];
  return runs.flatMap((run) => {
    const going = run.outcome === 'running';
    const where = run.inside === undefined ? 'between two migrations' : `inside ${run.inside.tag}`;
    const how = going ? 'is still going on' : `was cut off ${where}`;
    const began = agoAndMoment(run.startedAt, new Date(now));
    const back = run.backup === undefined ? '' : ` Way back: ${run.backup}, b shows it.`;
    const text = `${going ? signs.running : signs.half} Run ${run.run} ${how}. ${run.by}@${run.host} started it ${began}.${back}`;
    return [...paragraph(text, { width, tone: going ? 'text' : 'danger' }), []];
  });
}

function targetLines(
  signs: Signs,
  target: StatusTarget,
  {
    name,
    context,
    read,
  }: { readonly name: string; readonly context: Context; readonly read: string | undefined },
): readonly Line[] {
  const { columns: width, now } = context;
  const states = target.state.map((state): Line => [
    say('  '),
    ...stateLine(signs, { ...target, state: [state] }, { now, room: 'wide' }),
  ]);
  const open = target.items.filter(({ state }) => state !== 'applied' && state !== 'squashed');
  const squashed = target.items.filter(({ state }) => state === 'squashed');
  return [
    rule(signs, width, [{ at: 3, title: placeWords(target, width - 5) }]),
    ...states,
    ...lockLines(target, context),
    ...(target.error ? paragraph(sentences(target.error), { width }) : []),
    ...target.says
      .filter((text) => text !== target.error?.message)
      .flatMap((text) => paragraph(text, { width })),
    ...halfLines(target, name, width),
    ...driftLines(target, width),
    ...squashedLines(signs, squashed),
    ...open.map((item) => itemRow(signs, item, context)),
    [say(`  ${amountWords(target, read)}`, 'dim')],
  ];
}

/** They are settled: where they came from is said once. */
function squashedLines(signs: Signs, items: readonly StatusItem[]): readonly Line[] {
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return [];
  const range = first === last ? first.tag : `${first.tag} to ${last.tag}`;
  const text = `${quantity(items.length, 'record')} of squashed files, ${range}`;
  return [[say('  '), say(`${signs.squashed} ${text}`, 'dim')]];
}

function placeWords({ database, engine, location }: StatusTarget, room: number): string {
  if (engine === 'd1-remote') return `${database}, ${location} at Cloudflare`;
  // The location says it already.
  const said = engine === 'd1-local' || engine === 'unavailable';
  const before = said ? database : `${database}, ${engine}`;
  const whole = `${before}, ${location}`;
  return widthOf(whole) <= room ? whole : `${before}, ${shortLocation(location)}`;
}

function amountWords({ state, applied, pending }: StatusTarget, read: string | undefined): string {
  const [known, verb] = state.includes('unreachable')
    ? ['what is applied is not known', 'asked']
    : [`${quantity(applied, 'migration')} applied, ${pending} pending`, 'read'];
  return read === undefined ? known : `${known}, ${verb} ${read}`;
}

/** Where no run of this program tells of it, the schema does. */
function halfLines({ state }: StatusTarget, name: string, width: number): readonly Line[] {
  if (!state.includes('half-finished')) return [];
  return paragraph(`w says what was done in ${name} and what leads out; b shows the backups.`, { width });
}

function driftLines({ state }: StatusTarget, width: number): readonly Line[] {
  return state.includes('drifted') ? paragraph('c shows what differs, object by object.', { width }) : [];
}

function itemRow(signs: Signs, item: StatusItem, { columns: width, now }: Context): Line {
  const at = item.appliedAt === undefined ? '' : agoAndMoment(item.appliedAt, new Date(now));
  const moment = at === '' ? 0 : 30;
  return columns(signs, [
    { content: '', width: 2 },
    { content: itemLine(signs, item, 'wide'), width: 20 },
    { content: item.tag, width: Math.min(44, Math.max(10, width - 22 - moment)), cut: 'middle' },
    { content: say(` ${at}`, 'dim'), width: moment },
  ]);
}

function lockLines({ lock }: StatusTarget, { columns: width, now }: Context): readonly Line[] {
  if (lock === undefined) return [];
  const at = lock.tag === undefined ? '' : `, at ${lock.tag}`;
  const held = lock.held === 'live' ? 'holds the lock' : 'left a lock that has expired';
  const since = agoAndMoment(lock.since, new Date(now));
  return paragraph(`${lock.by}@${lock.host} ${held} since ${since}, run ${lock.run}${at}.`, { width });
}
