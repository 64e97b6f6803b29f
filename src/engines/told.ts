import { codeOf } from '../lib/error-code.ts';
import type { Statement } from '../sql/statement.ts';
import type { Sent, UnitOptions } from './engine.ts';

/**
 * Sends something and tells the command log how it went.
 *
 * @param codeOf a failure in one word, where the client's own is not what the engine says
 */
export async function told<T>(
  { onSent }: UnitOptions,
  { role, what }: Pick<Sent, 'role' | 'what'>,
  send: () => Promise<T>,
  codeOf: (error: unknown) => string = ownCode,
): Promise<T> {
  const begun = performance.now();
  const tell = (outcome: Sent['outcome']) =>
    onSent?.({ role, what, took: performance.now() - begun, outcome });
  try {
    const answer = await send();
    tell({ kind: 'ok' });
    return answer;
  } catch (error) {
    tell({ kind: 'failed', code: codeOf(error) });
    throw error;
  }
}

/** One statement of a text that holds several. */
export type Said = Statement & Pick<Sent, 'role'>;

/**
 * Sends several as one text, and tells of each as if it had been sent alone. How long each took nobody knows: the time
 * is told with what begins or ends the transaction; nor which one failed, so that is told of the text.
 */
export async function toldTogether<T>(
  { onSent }: UnitOptions,
  statements: readonly Said[],
  send: () => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const passed = () => performance.now() - begun;
  try {
    const answer = await send();
    for (const { role, sql } of statements)
      onSent?.({ role, what: sql, took: role === 'control' ? passed() : 0, outcome: { kind: 'ok' } });
    return answer;
  } catch (error) {
    const { role } = statements.find((one) => one.role !== 'control') ?? { role: 'control' };
    const what = statements.map(({ sql }) => sql).join(';\n');
    onSent?.({ role, what, took: passed(), outcome: { kind: 'failed', code: ownCode(error) } });
    throw error;
  }
}

function ownCode(error: unknown): string {
  return codeOf(error) ?? 'connection lost';
}
