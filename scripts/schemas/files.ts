import type { Failure } from '../../src/cli/failure.ts';
import { event, failure } from './events.ts';
import { lint } from './lint.ts';
import { notification } from './notification.ts';
import * as reports from './reports.ts';
import { answer, file, object, one } from './schema.ts';
import { squash, squashProof } from './squash.ts';

/** Every schema of `meta/` that describes output, by file name. */
export const schemaFiles: Readonly<Record<string, unknown>> = {
  'status.schema.json': answer('status', 'migrate-tui status --json', reports.status),
  'status-opening.schema.json': file(
    'status-opening',
    'The first line of migrate-tui status --stream --json; a status with one environment a line follows.',
    reports.statusOpening,
  ),
  'plan.schema.json': answer('plan', 'migrate-tui plan ENV --json', reports.plan),
  'migration.schema.json': answer('migration', 'migrate-tui migration TAG --json', reports.migration),
  'backups.schema.json': answer('backups', 'migrate-tui backups --json', reports.backups),
  'verify.schema.json': answer('verify', 'migrate-tui verify ENV --json', reports.verify),
  'recovery.schema.json': answer('recovery', 'migrate-tui recover ENV --json', reports.recovery),
  'drift.schema.json': answer('drift', 'migrate-tui drift ENV --json', reports.drift),
  'drift-all.schema.json': answer('drift-all', 'migrate-tui drift --all --json', reports.driftTable),
  'schema.schema.json': answer('schema', 'migrate-tui schema ENV --json', reports.schema),
  'squash.schema.json': file('squash', 'migrate-tui squash --json', squash),
  'squash-proof.schema.json': file(
    'squash-proof',
    'A line of migrate-tui squash --stream --json for each proof as it is known; the squash itself is the last line.',
    squashProof,
  ),
  'incident-report.schema.json': answer(
    'incident-report',
    'migrate-tui show RUN --report --json, migrate-tui recover ENV --report --json',
    reports.incidentReport,
  ),
  'runs.schema.json': answer('runs', 'migrate-tui runs --json', reports.runs),
  'run.schema.json': answer('run', 'migrate-tui show RUN --json', reports.run),
  'query.schema.json': answer('query', "migrate-tui query ENV 'SELECT …' --json", reports.query),
  'doctor.schema.json': answer('doctor', 'migrate-tui doctor --json', reports.doctor),
  'check.schema.json': answer('check', 'migrate-tui check --json', reports.check),
  'lint.schema.json': answer('lint', 'migrate-tui lint --json', lint),
  'event.schema.json': file(
    'event',
    'One line of a change with --json, or of show RUN --follow --json',
    event,
  ),
  'notification.schema.json': file(
    'notification',
    'What a webhook or a program of `notify` in the configuration is told of a run',
    notification,
  ),
  'failure.schema.json': file(
    'failure',
    'What any command prints with --json when it fails before it has a run',
    object<Failure>({ schemaVersion: one(1), kind: one('failed'), ...failure }),
  ),
};
