import type { RunEvent } from '../../operations/events.ts';
import type { Report, StatusOpening, StatusReport } from '../../operations/reports.ts';
import type { TraceEntry } from '../../operations/trace.ts';
import { isRecord } from './error.ts';

/**
 * The documents of the command line, told apart by `kind`. It is the same program in the same version, so
 * a known kind is taken at its word; what is not known is left out, as consumers do.
 */
export function asReport(document: unknown): Report | undefined {
  return isReport(document) ? document : undefined;
}

export function asStatusLine(document: unknown): StatusOpening | StatusReport | undefined {
  return isStatusLine(document) ? document : undefined;
}

/** Every line of a run but an answer; kinds that a newer version added pass too. */
export function asRunEvent(document: unknown): RunEvent | undefined {
  return isRunEvent(document) ? document : undefined;
}

export function asTraceEntry(document: unknown): TraceEntry | undefined {
  return isTraceEntry(document) ? document : undefined;
}

function isReport(document: unknown): document is Report {
  return reportKinds.has(kindOf(document));
}

function isStatusLine(document: unknown): document is StatusOpening | StatusReport {
  return statusKinds.has(kindOf(document));
}

function isRunEvent(document: unknown): document is RunEvent {
  return kindOf(document) !== '' && !isReport(document) && isRecord(document) && 'at' in document;
}

function isTraceEntry(document: unknown): document is TraceEntry {
  return traceKinds.has(kindOf(document)) && isRecord(document) && 'outcome' in document;
}

function kindOf(document: unknown): string {
  const kind = isRecord(document) ? document['kind'] : undefined;
  return typeof kind === 'string' ? kind : '';
}

const statusKinds: ReadonlySet<string> = new Set(['status-opening', 'status']);
const traceKinds: ReadonlySet<string> = new Set(['sql', 'run', 'http', 'file']);
const reportKinds: ReadonlySet<string> = new Set([
  ...statusKinds,
  'plan',
  'migration',
  'backups',
  'verify',
  'recovery',
  'drift',
  'drift-all',
  'incident-report',
  'runs',
  'run',
  'query',
  'doctor',
  'squash',
  'squash-proof',
]);
