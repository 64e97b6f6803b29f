import type { ExitCode } from '../../lib/errors.ts';
import { stopped } from '../../lib/sentences.ts';
import type { StatusEnvironment, StatusItem } from '../../operations/reports.ts';
import { rollbackWay } from '../app/rollback.ts';
import { numberOf } from '../present/evidence.ts';
import type { Commands, Voice } from './conversation.ts';
import { reviewed } from './way-out.ts';

/**
 * A rollback in the words of the command line, `rollback staging --to 0012`: reviewed, rehearsed and agreed to as a way
 * out is.
 *
 * @returns the exit code of what was started, undefined when nothing was
 */
export async function rollBack(
  voice: Voice,
  commands: Commands,
  words: readonly string[],
  environment: StatusEnvironment | undefined,
): Promise<ExitCode | undefined> {
  const asked = environment
    ? askedFor(words, environment)
    : { why: `No environment answers to ${words[1] ?? 'that'}` };
  if ('why' in asked || !environment) {
    voice.say(stopped('why' in asked ? asked.why : ''));
    return undefined;
  }
  const { database, to, tags } = asked;
  const way = rollbackWay(environment.name, { database, to, tags, statements: undefined });
  voice.say(way.option.why);
  return reviewed(voice, commands, { environment, way });
}

interface Asked {
  readonly database: string;
  readonly to: string;
  /** Newest first. */
  readonly tags: readonly string[];
}

function askedFor(
  words: readonly string[],
  { name, targets }: StatusEnvironment,
): Asked | { readonly why: string } {
  const to = valueOf(words, '--to');
  if (to === undefined)
    return {
      why: 'rollback needs --to TAG: what came after TAG is taken back; --to nothing takes all of it',
    };
  const wanted = valueOf(words, '--database');
  const found = wanted === undefined ? targets : targets.filter(({ database }) => database === wanted);
  const [target, another] = found;
  if (!target || another)
    return {
      why: `Name one of its databases: --database ${targets.map(({ database }) => database).join(' or ')}`,
    };
  const applied = target.items.filter(({ state }) => state === 'applied');
  const tags = applied.filter((item) => !stays(item, to, applied)).map(({ tag }) => tag);
  return tags.length === 0
    ? { why: `Nothing to roll back: nothing of ${name} came after ${to}` }
    : { database: target.database, to, tags: tags.toReversed() };
}

function valueOf(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words[at + 1];
}

/** As far as a page can tell; whoever carries it out looks anew, and refuses what is not clear. */
function stays(item: StatusItem, to: string, applied: readonly StatusItem[]): boolean {
  if (to === 'nothing') return false;
  const last = applied.findLastIndex(({ tag }) => tag.startsWith(to));
  if (last >= 0) return applied.indexOf(item) <= last;
  const number = numberOf(item.tag);
  return /^\d+$/.test(to) && /^\d+$/.test(number) && BigInt(number) <= BigInt(to);
}
