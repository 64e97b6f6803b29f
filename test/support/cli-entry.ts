// The command line from its source, for tests that start it as a process of its own.
import { run } from '../../src/cli/main.ts';

await run();
