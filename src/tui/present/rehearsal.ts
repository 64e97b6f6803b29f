import type { RunEvent } from '../../operations/events.ts';

/** Whether a run only read its target: a dry-run, or a way out or a rollback that was rehearsed and that nobody had agreed to yet. */
export function isRehearsal(events: readonly RunEvent[]): boolean {
  const started = events.find((event) => event.kind === 'started');
  if (started?.operation === 'dry-run') return true;
  if (started?.operation !== 'recover' && started?.operation !== 'rollback') return false;
  const kinds = new Set(events.map(({ kind }) => kind));
  return kinds.has('rehearsed') && !kinds.has('confirmed');
}
