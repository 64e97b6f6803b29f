import { vi } from 'vitest';
import type { SmallProject } from './small-project.ts';
import { builtPackage, programOf } from './built-package.ts';
import { TestTerminal, type TerminalOptions } from './terminal.ts';

// A loaded machine of two cores is slow to start Node: what is waited for is a state, and the limit is generous.
vi.setConfig({ testTimeout: 180_000 });

/** The real screen of a project, in a terminal, opened as a person opens it. */
export async function openScreen(
  project: Pick<SmallProject, 'root' | 'env'>,
  { args = [], env, ...size }: Partial<TerminalOptions> & { readonly args?: readonly string[] } = {},
): Promise<TestTerminal> {
  const program = programOf(await builtPackage());
  return new TestTerminal(process.execPath, [program, ...args], {
    cwd: project.root,
    env: { ...project.env, ...env },
    ...size,
  });
}

/** Types letter by letter into a field, as a hand does that waits for what it sees. */
export async function typeByHand(screen: TestTerminal, text: string): Promise<void> {
  for (let length = 1; length <= text.length; length += 1) {
    await screen.press(text.charAt(length - 1));
    // A loaded machine may read two letters at once, and the second would look like a key that is held.
    await screen.shows(`${text.slice(0, length)}▏`);
  }
}

/** Types what a frame asks for and presses enter, once more where that came quicker than any hand. */
export async function confirmByHand(screen: TestTerminal, text: string): Promise<void> {
  await typeByHand(screen, text);
  await screen.press('enter');
  await screen.shows(/enter counts by itself|^[^▏]*$/);
  if (screen.text().includes('enter counts by itself')) await screen.press('enter');
}
