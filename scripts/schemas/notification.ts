import type { FailedStep, Notification } from '../../src/operations/notification.ts';
import { operation, step, tagOf } from './events.ts';
import { array, number, object, one, oneOf, optional, text, time, truth } from './schema.ts';

export const notification = object<Notification>({
  schemaVersion: one(1),
  text: text('One line for people, which webhooks of chats show.'),
  kind: oneOf('started', 'done', 'failed', 'interrupted'),
  project: text(),
  run: number('Its number, as `show` takes it.'),
  at: time(),
  operation,
  environment: text(),
  protected: truth(),
  databases: array(text()),
  by: text(),
  host: text(),
  git: optional(text('The commit that was checked out.')),
  tool: text('migrate-tui and its version.'),
  applied: optional(array(tagOf)),
  undone: optional(array(tagOf)),
  failed: optional(tagOf),
  notBegun: optional(array(tagOf)),
  step: optional(
    object<FailedStep>({
      step,
      database: text(),
      tag: optional(text()),
      statement: optional(number('As it is counted in its file, from 1.')),
    }),
  ),
  backup: optional(text()),
  exitCode: optional(number()),
  code: optional(text('What kind of failure, as the last event of the run says it.')),
  took: optional(number('Milliseconds.')),
});
