import { count } from '../../../lib/numbers.ts';
import type { Signs } from '../../../lib/signs.ts';
import { age } from '../../../lib/time.ts';
import { unreachable } from '../../../lib/unreachable.ts';
import type { StatusItem, StatusTarget, TargetState } from '../../../operations/reports.ts';
import { say, signed, toned, type Line } from '../../present/line.ts';
import type { KnownEnvironment } from '../../screen.ts';
import type { Cell, Column } from './grid.ts';

/** Whether there is room for whole words, or for their short forms. */
export type Room = 'wide' | 'narrow';

/** What stands in a cell of the matrix: a sign and its word. */
export function cellLine(signs: Signs, cell: Cell, room: Room): Line {
  switch (cell.kind) {
    case 'item': {
      const line = itemLine(signs, cell.item, room);
      return cell.age === 'stale' ? toned(line, 'dim') : line;
    }
    case 'asking':
    case 'nothing':
      return [say(signs.nothing, 'dim')];
    case 'unknown':
      return [say(`${signs.unknown} unknown`, 'dim')];
    default:
      return unreachable(cell);
  }
}

/** `✓ applied`, `◐ half 4 of 12`. */
export function itemLine(signs: Signs, item: StatusItem, room: Room): Line {
  switch (item.state) {
    case 'applied':
      return signed(signs, 'done', 'applied', { tone: 'ok', wordTone: 'dim' });
    case 'pending':
      return signed(signs, 'pending', 'pending', { tone: 'text' });
    case 'half':
      return signed(signs, 'half', `half${halfAt(item, room)}`, { tone: 'danger', wordTone: 'danger' });
    case 'skipped':
    case 'changed':
    case 'orphan':
    case 'unrecorded':
      return signed(signs, item.state, item.state, { tone: 'warn', wordTone: 'warn' });
    case 'squashed':
      return signed(signs, 'squashed', 'squashed', { tone: 'dim', wordTone: 'dim' });
    default:
      return unreachable(item.state);
  }
}

function halfAt({ after, of }: StatusItem, room: Room): string {
  if (after === undefined || of === undefined) return '';
  return room === 'wide' ? ` ${count(after)} of ${count(of)}` : ` ${count(after)}/${count(of)}`;
}

/** What stands under an environment's name: the worst of its states. */
export function columnLine(
  signs: Signs,
  { environment, target, location }: Column,
  { now, room }: { readonly now: number; readonly room: Room },
): Line {
  if (target !== undefined) return stateLine(signs, target, { now, room });
  const { asking } = environment;
  if (asking === 'no') return [say(`${signs.unknown} unknown`, 'warn')];
  // Nothing for 150 ms: most answer before, and a word that comes and goes is noise.
  if (now - asking.since < 150) return [];
  return [say(`${signs.nothing} asking${room === 'wide' ? ` ${shortLocation(location)}` : ''}`, 'dim')];
}

export function stateLine(
  signs: Signs,
  target: StatusTarget,
  { now, room }: { readonly now: number; readonly room: Room },
): Line {
  const state: TargetState = target.state[0] ?? 'current';
  switch (state) {
    case 'half-finished':
      return toned([say(`${signs.half} half${room === 'wide' ? '-finished' : ''}`)], 'danger');
    case 'unreachable':
      return [say(`${signs.unknown} ${room === 'wide' ? 'unreachable' : 'no answer'}`, 'warn')];
    case 'drifted':
      return [say(`${signs.differs} drifted${room === 'wide' ? driftAge(target, now) : ''}`, 'warn')];
    case 'behind':
      return signed(signs, 'pending', behindWord(target, room), { tone: 'text' });
    case 'current':
      return signed(signs, 'done', 'current', { tone: 'ok', wordTone: 'dim' });
    default:
      return unreachable(state);
  }
}

function driftAge({ driftAskedAt }: StatusTarget, now: number): string {
  return driftAskedAt === undefined ? '' : ` ${age(driftAskedAt, new Date(now))} ago`;
}

function behindWord({ pending, items }: StatusTarget, room: Room): string {
  const skipped = items.filter(({ state }) => state === 'skipped').length;
  if (pending > 0) return `behind ${count(pending)}`;
  if (skipped === 0) return 'behind';
  return room === 'wide' ? `behind: ${count(skipped)} skipped` : `behind ${count(skipped)}`;
}

/** The third line of a column's head: where it is, or that it is protected. */
export function placeLine(
  { environment, location, before }: Column,
  { now, room }: { readonly now: number; readonly room: Room },
): Line {
  if (environment.before !== undefined && before !== undefined) {
    return [say(`read ${age(new Date(environment.before.readAt).toISOString(), new Date(now))} ago`, 'dim')];
  }
  const badge = protectionOf(environment, room);
  if (badge !== undefined) return [say(badge, 'danger')];
  const where = shortLocation(location);
  // Half of a server's name says nothing.
  return [say(room === 'wide' ? where : where.replace(/ on .*$/, ''), 'dim')];
}

export function protectionOf(
  environment: Pick<KnownEnvironment, 'protected' | 'readOnly'>,
  room: Room,
): string | undefined {
  if (environment.protected) return room === 'wide' ? 'PROTECTED read-only' : 'PROTECTED';
  return environment.readOnly ? 'read-only' : undefined;
}

/**
 * `file:./data/dev.db` → `dev.db`, `libsql://x.turso.io` → `x.turso.io`, `postgres://me@db.org/shop` → `shop on db.org`:
 * environments are often on one server, and as the same user.
 */
export function shortLocation(location: string): string {
  const server = /^postgres(?:ql)?:\/\/(?:[^@/]*@)?([^/?]*)\/([^?]+)/.exec(location);
  if (server) return server[1] === '' ? (server[2] ?? '') : `${server[2]} on ${server[1]}`;
  const bare = location.replace(/^[a-z]+:(\/\/)?/, '').replace(/\?.*$/, '');
  return location.startsWith('file:') || !location.includes('//') ? (bare.split('/').at(-1) ?? bare) : bare;
}
