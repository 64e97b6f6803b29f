import { completionScript } from '../completion.ts';
import type { Handler } from '../invocation.ts';

// The script is for a shell to read, so it is the same with --json.
export const handle: Handler = async ({ given, output }) => {
  output.raw(completionScript(given.required(0)));
  return 0;
};
