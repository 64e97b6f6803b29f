import type { Consent, Decision, Review } from '../operations/change.ts';
import type { CopiedRows } from '../operations/reports.ts';
import { ask } from './ask.ts';
import type { Interrupt } from './interrupt.ts';
import { shown, type Output } from './output/output.ts';
import { lossText } from './text/evidence.ts';
import { destroys, reviewText } from './text/review.ts';

export interface DeciderOptions extends Asking {
  readonly consent: Consent;
}

export interface Asking {
  readonly output: Output;
  readonly interrupt: Interrupt;
  /** Whether somebody sits there who can answer. */
  readonly asking: 'possible' | 'not-possible';
}

/**
 * Consent, asked after the evidence. With `--yes` the flags are the consent (the session still refuses what
 * they do not cover). On a terminal it is typed: `y`, or the environment's name where it is protected or
 * something is destroyed, and `table=rows` for each loss that no statement asks for.
 */
export function decider(options: DeciderOptions): (review: Review) => Promise<Decision> {
  const { consent, output, asking } = options;
  return async (review) => {
    if (consent.yes === 'given') return { kind: 'confirmed', consent, how: consent.how ?? 'flag' };
    if (asking === 'not-possible') return { kind: 'declined' };
    output.say(reviewText(output.shownHere(review), output.sideStyle));
    const losses = await askLosses(review, options);
    if (losses === undefined) return declined(options);
    const accepted = await askErrors(review, options);
    if (accepted === undefined) return declined(options);
    if (!(await askName(review, options))) return declined(options);
    const typed: Consent = {
      ...consent,
      ...accepted,
      yes: 'given',
      confirm: { environment: review.environment, hash: review.hash },
      acceptLoss: [...consent.acceptLoss, ...losses],
    };
    return { kind: 'confirmed', consent: typed, how: 'typed' };
  };
}

/** The question before rows of a protected environment come to this machine for the first time. */
export function copyDecider(
  options: Asking & { readonly yes: 'given' | 'not-given' },
): (rows: CopiedRows) => Promise<'agreed' | 'declined' | 'not-asked'> {
  return async ({ says }) => {
    if (options.yes === 'given' || options.asking === 'not-possible') return 'not-asked';
    options.output.say(shown(says));
    return (await typed('Type y to go on, Enter to leave: ', 'y', options)) ? 'agreed' : 'declined';
  };
}

/** The losses that were accepted table by table; undefined: not all were. One number covers a table. */
async function askLosses(
  { losses }: Review,
  options: DeciderOptions,
): Promise<Consent['acceptLoss'] | undefined> {
  const accepted: { table: string; rows: number }[] = [];
  for (const [table, ofTable] of Map.groupBy(losses, (loss) => loss.table)) {
    const rows = Math.max(...ofTable.map((loss) => loss.rows));
    if (options.consent.acceptLoss.some((each) => each.table === table && each.rows >= rows)) continue;
    options.output.say(ofTable.map(lossText));
    const answer = `${table}=${rows}`;
    if (!(await typed(`To accept this loss type ${shown(answer)}: `, answer, options))) return undefined;
    accepted.push({ table, rows });
  }
  return accepted;
}

/** On a protected environment a finding of severity error needs a reason in words. */
async function askErrors(
  review: Review,
  options: DeciderOptions,
): Promise<Pick<Consent, 'accept' | 'reason'> | undefined> {
  const { accept, reason } = options.consent;
  const open = review.findings.filter(
    ({ severity, rule, tag }) =>
      severity === 'error' && !accept.some((each) => each.rule === rule && each.tag === tag),
  );
  if (!review.protected || open.length === 0) return { accept, reason };
  const names = [...new Set(open.map(({ rule, tag }) => `${rule}:${tag}`))];
  options.output.say(`These findings would stop it: ${shown(names.join(', '))}.`);
  const answer = await askLine('To go on in spite of them say why, in words: ', options);
  if (answer === undefined) return undefined;
  return { accept: [...accept, ...open.map(({ rule, tag }) => ({ rule, tag }))], reason: answer };
}

async function askName(review: Review, options: DeciderOptions): Promise<boolean> {
  const name = review.environment;
  if (!review.protected && !destroys(review)) {
    return typed(`Type y to write to ${shown(name)}, Enter to leave: `, 'y', options);
  }
  const why = review.protected ? 'is protected' : 'loses rows, values or tables that its statements name';
  return typed(`${shown(name)} ${why}. Type its name to write to it, Enter to leave: `, name, options);
}

async function typed(question: string, wanted: string, options: Asking): Promise<boolean> {
  const answer = await askLine(question, options);
  if (answer !== undefined && answer !== wanted) {
    options.output.say(`${shown(JSON.stringify(answer))} is not ${shown(wanted)}.`);
  }
  return answer === wanted;
}

async function askLine(question: string, { output, interrupt }: Asking): Promise<string | undefined> {
  const answer = await ask(question, {
    signal: interrupt.signal,
    onInterrupt: () => interrupt.now('Ctrl-C'),
  });
  if (answer.kind === 'pasted') output.say('Pasted text does not confirm.');
  return answer.kind === 'typed' ? answer.text : undefined;
}

function declined({ output }: DeciderOptions): Decision {
  output.say('Not confirmed. Nothing was written.');
  return { kind: 'declined' };
}
