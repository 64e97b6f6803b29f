import { unreachable } from '../lib/unreachable.ts';
import {
  notificationOfEnd,
  notificationOfStart,
  type Notification,
  type ToldEnd,
} from '../operations/notification.ts';
import type { TraceEntry } from '../operations/trace.ts';
import type { Receiver } from '../project/project.ts';
import { webhookOf } from '../project/webhook.ts';
import type { RunContext } from '../runs/context.ts';
import type { EventLog } from '../runs/event-log.ts';
import { call } from '../runs/notify/call.ts';
import { post, type Told } from '../runs/notify/post.ts';
import type { Workspace } from './workspace.ts';

/** Tells the receivers of a project about one run. What goes wrong with it is said in the run, and changes nothing in it. */
export interface Telling {
  /** Returns when every receiver was told, or gave no answer in time: called when the run holds nothing any more. */
  ended(end: ToldEnd): Promise<void>;
}

interface Teller {
  readonly workspace: Workspace;
  readonly context: RunContext;
}

/** Begins with what is told at the beginning, as soon as it is agreed to; nothing waits for that. */
export function telling(workspace: Workspace, context: RunContext): Telling {
  const teller = { workspace, context };
  const { environment, events } = context;
  const receivers = workspace.project.notify.filter(
    ({ environments }) => environments?.includes(environment.name) ?? true,
  );
  const tellAll = async (occasion: Receiver['on'][number], notification: Notification | undefined) => {
    if (!notification) return;
    const told = receivers.filter(({ on }) => on.includes(occasion));
    await Promise.all(told.map((receiver) => tell(receiver, notification, teller)));
  };
  const run = () => ({ project: workspace.project.name, events: events.all(), at: new Date() });
  let begun = Promise.resolve();
  if (receivers.some(({ on }) => on.includes('started'))) {
    void whenAgreed(events).then((agreed) => {
      if (agreed === 'agreed') begun = tellAll('started', notificationOfStart(run()));
    });
  }
  return {
    async ended(end) {
      // Else a chat might show the end before the beginning.
      await begun;
      await tellAll(end.outcome === 'done' ? 'done' : 'failed', notificationOfEnd(run(), end));
    },
  };
}

async function whenAgreed(events: EventLog): Promise<'agreed' | 'never'> {
  for await (const { kind } of events.read()) if (kind === 'confirmed') return 'agreed';
  return 'never';
}

async function tell(receiver: Receiver, notification: Notification, teller: Teller): Promise<void> {
  const { context } = teller;
  const { who, told } = await send(receiver.to, notification, teller);
  if (told.kind === 'told') return;
  context.events.emit({
    kind: 'notice',
    level: 'warning',
    message: `${who} was not told ${said[notification.kind]}: ${told.says}. That changes nothing in the run; notify in the configuration names who is told.`,
  });
}

const said: Readonly<Record<Notification['kind'], string>> = {
  started: 'that this run began',
  done: 'that this run is done',
  failed: 'that this run failed',
  interrupted: 'that this run was interrupted',
};

async function send(
  to: Receiver['to'],
  notification: Notification,
  { workspace, context }: Teller,
): Promise<{ readonly who: string; readonly told: Told }> {
  const environment = context.environment.name;
  const { root } = workspace.project;
  const noted = noting(workspace, environment);
  switch (to.kind) {
    case 'webhook': {
      const webhook = webhookOf(to.variable, { root, environment, env: workspace.options.env });
      if (webhook.kind === 'unusable')
        return { who: 'The webhook of notify', told: { kind: 'failed', says: webhook.why } };
      const { url, host } = webhook;
      const told = await noted('http', `POST to ${host} (notify)`, () =>
        post(url, notification, { limit: answerLimit }),
      );
      return { who: host, told };
    }
    case 'command': {
      const told = await noted('run', to.words.join(' '), () =>
        call(to.words, notification, { cwd: root, limit: programLimit }),
      );
      return { who: to.words[0] ?? '', told };
    }
    default:
      return unreachable(to);
  }
}

/** Milliseconds: somebody waits for the run to end. */
const answerLimit = 4000;
const programLimit = 10_000;

/** Everything that leaves the program is in its log. */
function noting({ trace }: Workspace, environment: string) {
  return async (kind: TraceEntry['kind'], what: string, work: () => Promise<Told>): Promise<Told> => {
    const at = new Date().toISOString();
    const begun = performance.now();
    const told = await work();
    trace.note({
      at,
      environment,
      kind,
      access: 'write',
      what,
      took: performance.now() - begun,
      outcome: told.kind === 'told' ? { kind: 'ok', says: 'told' } : { kind: 'failed', says: told.says },
    });
    return told;
  };
}
