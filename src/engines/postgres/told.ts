import { SqlError, type Sent, type UnitOptions } from '../engine.ts';

/** Sends something and tells the command log how it went. */
export async function told<T>(
  { onSent }: UnitOptions,
  { role, what }: Pick<Sent, 'role' | 'what'>,
  send: () => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const tell = (outcome: Sent['outcome']) =>
    onSent?.({ role, what, took: performance.now() - begun, outcome });
  try {
    const answer = await send();
    tell({ kind: 'ok' });
    return answer;
  } catch (error) {
    tell({ kind: 'failed', code: error instanceof SqlError ? error.code : 'connection lost' });
    throw error;
  }
}
