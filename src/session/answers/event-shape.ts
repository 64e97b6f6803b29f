import {
  count,
  isObject,
  listOf,
  moment,
  object,
  oneOf,
  optional,
  span,
  text,
  type Check,
} from '../../lib/shape.ts';
import { operations, stepNames, type RunEvent } from '../../operations/events.ts';
import { evidence, finding, loss } from '../prepare/plan-shape.ts';

/**
 * Whether what a file of events holds is an event that this program knows: a disk may have damaged it, and a newer
 * version may have written it.
 */
export function isEvent(value: unknown): value is RunEvent {
  if (!isObject(value) || typeof value['kind'] !== 'string') return false;
  const shape = Object.entries(shapes).find(([kind]) => kind === value['kind'])?.[1];
  return shape !== undefined && every(value, '') === undefined && shape(value, '') === undefined;
}

const every = object({ run: count, at: moment });

const step = { step: oneOf(stepNames), database: text };
const tags = listOf(object({ database: text, tag: text }));
const flag = oneOf([true, false]);

const finished = object({
  ...step,
  tag: optional(text),
  took: span,
  says: text,
  backup: optional(text),
  evidence: optional(evidence),
  changed: optional(listOf(object({ type: text, name: text, change: text }))),
  checks: optional(listOf(object({ database: text, check: text, state: text, says: text }))),
  tables: optional(listOf(object({ table: text }))),
  rows: optional(listOf(object({ table: text, before: optional(count), after: optional(count) }))),
});

const ended = { message: text, next: optional(text), applied: tags, undone: optional(tags) };

/** The parts that are relied on where events are shown. */
const shapes: Readonly<Record<RunEvent['kind'], Check>> = {
  started: object({
    operation: oneOf(operations),
    environment: text,
    protected: flag,
    databases: listOf(text),
    choice: optional(text),
    steps: listOf(object({ ...step, tag: optional(text), label: text })),
    by: text,
    host: text,
    version: text,
  }),
  'step-started': object({ ...step, tag: optional(text), stopping: text }),
  statement: object({
    ...step,
    tag: text,
    number: count,
    of: count,
    phase: oneOf(['begun', 'done']),
    took: optional(span),
    expected: optional(span),
  }),
  progress: object({
    ...step,
    done: span,
    total: optional(span),
    unit: oneOf(['bytes', 'rows', 'tables', 'migrations']),
    what: text,
    table: optional(object({ name: text, done: span, total: span })),
    left: optional(span),
  }),
  'step-finished': finished,
  'step-failed': object({
    ...step,
    tag: optional(text),
    statement: optional(count),
    code: text,
    message: text,
    took: span,
  }),
  confirmed: object({ by: text, how: oneOf(['flag', 'typed', 'not-needed']), hash: text }),
  'backup-renewed': object({ database: text, backup: text, because: text }),
  notice: object({ level: oneOf(['info', 'warning']), message: text }),
  rehearsed: object({
    plan: optional(text),
    hash: text,
    losses: listOf(loss),
    findings: optional(listOf(finding)),
  }),
  review: object({}),
  done: object({ ...ended, backup: optional(text), took: span }),
  failed: object({
    ...ended,
    exitCode: count,
    code: text,
    failed: optional(object({ database: text, tag: text })),
    notBegun: tags,
    hash: optional(text),
  }),
};
