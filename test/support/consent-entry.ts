// Asks for consent to the review in REVIEW, as a deploy does, and prints the decision.
import { decider } from '../../src/cli/decide.ts';
import { watchInterrupts } from '../../src/cli/interrupt.ts';
import { openOutput } from '../../src/cli/output/output.ts';
import type { Review } from '../../src/operations/change.ts';

const output = openOutput({ has: () => false, value: () => undefined }, process.env);
using interrupt = watchInterrupts({ onFirst: (why) => output.say(why), secondExit: () => 130 });
const review: Review = JSON.parse(process.env['REVIEW'] ?? '');
const consent = {
  yes: 'not-given',
  confirm: undefined,
  acceptLoss: [],
  accept: [],
  without: [],
  reason: undefined,
} as const;
const decide = decider({ consent, output, interrupt, asking: 'possible' });
output.say(`decision ${JSON.stringify(await decide(review))}`);
