import type { Binding } from '../screen.ts';

/** The keys that mean the same on every screen. A screen's own binding of a key comes first. */
export const alwaysBindings: readonly Binding<unknown>[] = [
  {
    keys: ['?'],
    action: 'help',
    label: 'keys',
    help: 'the keys of this view, and what does not work now',
    group: 'always',
    footer: 90,
  },
  {
    keys: [':'],
    action: 'palette',
    label: 'command',
    help: 'everything by its name, with its command line',
    group: 'always',
  },
  {
    keys: ['@'],
    action: 'commands',
    label: 'commands',
    help: 'the command log: all that left this program',
    group: 'always',
  },
  { keys: ['r'], action: 'refresh', label: 'read again', help: 'read again', group: 'always' },
  {
    keys: ['esc'],
    action: 'back',
    label: 'back',
    help: 'back; never stops a run, never quits',
    group: 'always',
  },
  {
    keys: ['q'],
    action: 'quit',
    label: 'quit',
    help: 'quit',
    group: 'always',
    footer: 91,
    blocked: (_state, { running }) =>
      running.length === 0 ? undefined : `run ${running.join(' and ')} goes on, ctrl-c stops it first`,
  },
  {
    keys: ['ctrl-c'],
    action: 'interrupt',
    label: 'stop',
    help: 'stop the run at its next boundary; without a run, quit',
    group: 'always',
  },
  {
    keys: ['ctrl-z'],
    action: 'suspend',
    label: 'suspend',
    help: 'back to the shell; fg returns',
    group: 'always',
  },
];
