import { commandLine } from '../../lib/command-line.ts';
import type { Report } from '../../operations/reports.ts';
import type { Client, Listening } from '../client/client.ts';
import { asReport, asRunEvent, asStatusLine } from '../client/documents.ts';
import type { MigrateErrorView } from '../client/error.ts';
import type { Commands } from './conversation.ts';

/** The command line as the conversation needs it: an answer is awaited, a change is listened to. */
export interface ClientCommands extends Commands, Disposable {
  /** At the next boundary; a second one within two seconds asks the process itself. */
  stop(): 'boundary' | 'process' | 'nothing-runs';
}

export function clientCommands(client: Client, place: string): ClientCommands {
  let running: Listening | undefined;
  let askedAt = -Infinity;
  return {
    place,
    now: () => Date.now(),
    every5s(call) {
      const timer = setInterval(call, 5000);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    ask: (args) =>
      new Promise((resolve) => {
        let report: Report | undefined;
        client.read(args, {
          onLine: (document) => (report = asReport(document) ?? report),
          onEnd: ({ error }) => resolve(report ?? error ?? noAnswer(commandLine(args, place))),
        });
      }),
    statuses: (onLine) =>
      new Promise((resolve) => {
        client.read(['status', '--stream'], {
          onLine: (document) => {
            const line = asStatusLine(document);
            if (line) onLine(line);
          },
          onEnd: ({ error }) => resolve(error),
        });
      }),
    run: (args, onEvent) =>
      new Promise((resolve) => {
        running = client.start(args, {
          onLine: (document) => {
            const event = asRunEvent(document);
            if (event) onEvent(event);
          },
          onEnd: ({ error }) => {
            running = undefined;
            resolve(error);
          },
        });
      }),
    stop() {
      if (running?.pid === undefined) return 'nothing-runs';
      const again = performance.now() - askedAt < 2000;
      askedAt = performance.now();
      running.stop('SIGINT');
      return again ? 'process' : 'boundary';
    },
    [Symbol.dispose]: () => running?.[Symbol.dispose](),
  };
}

function noAnswer(command: string): MigrateErrorView {
  return { code: 'crashed', message: `${command} gave no answer.`, next: undefined };
}
