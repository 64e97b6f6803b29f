import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { MigrateError } from '../../src/lib/errors.ts';

describe('the words of a command line', () => {
  test('flags may stand before, between and behind the words, with = or without', () => {
    const parsed = parseArguments(['--json', 'deploy', '--to=0014', 'staging', '--database', 'app']);
    if (parsed.kind !== 'command') throw new Error(parsed.kind);
    expect(parsed.command.name).toBe('deploy');
    expect(parsed.given.positionals).toEqual(['staging']);
    expect(parsed.given.value('to')).toBe('0014');
    expect(parsed.given.values('database')).toEqual(['app']);
    expect(parsed.given.has('json')).toBe(true);
    expect(parsed.given.has('yes')).toBe(false);
  });

  test('after -- a word that looks like a flag is a word', () => {
    const parsed = parseArguments(['query', 'local', '--', '--comment\nSELECT 1']);
    if (parsed.kind !== 'command') throw new Error(parsed.kind);
    expect(parsed.given.positionals).toEqual(['local', '--comment\nSELECT 1']);
  });

  test('a repeatable flag keeps every value; one that is not refuses two different ones', () => {
    const parsed = parseArguments(['deploy', 'x', '--accept-loss', 'a=1', '--accept-loss', 'b=2']);
    if (parsed.kind !== 'command') throw new Error(parsed.kind);
    expect(parsed.given.values('accept-loss')).toEqual(['a=1', 'b=2']);
    expect(refusal('deploy x --to 1 --to 2')).toMatch('given twice');
    expect(() => parseArguments('deploy x --to 1 --to 1'.split(' '))).not.toThrow();
  });

  test('help is asked for in three ways, and beats what is missing', () => {
    for (const words of ['help deploy', 'deploy --help', 'deploy -h']) {
      expect(parseArguments(words.split(' '))).toMatchObject({ kind: 'help', command: { name: 'deploy' } });
    }
    expect(parseArguments(['--help'])).toEqual({ kind: 'help', command: undefined });
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
  });

  test('no word at all is the screen, with the flags it takes', () => {
    expect(parseArguments(['--project', 'x'])).toMatchObject({ kind: 'none' });
    expect(refusal('--yes')).toMatch(/needs a command.*deploy, dry-run, apply, restore/);
  });
});

describe('words that do not fit', () => {
  test.each([
    ['stauts', '"stauts" is not a command', 'The nearest is status'],
    ['deplyo staging', '"deplyo" is not a command', 'The nearest is deploy'],
    ['bananas', '"bananas" is not a command', 'help lists the commands'],
    ['status --jsn', '--jsn is not a flag of status', 'The nearest is --json'],
    ['deploy staging -x', '-x is not a flag of deploy', 'help deploy lists'],
    ['deploy', 'deploy needs ENV', 'migrate-tui deploy ENV'],
    ['query local SELECT 1', '"1" is one word too many', 'in quotes'],
    ['deploy staging --to', '--to needs a value', '--to TAG'],
    ['deploy staging --to --yes', '--to needs a value', '--to TAG'],
    ['status --json=yes', '--json takes no value', 'Leave'],
    ['status --yes', 'status does not take --yes', 'help status'],
    ['down dev', '"down" is not a command', 'Here it is rollback'],
    ['up 5', '"up" is not a command', 'Here it is deploy'],
    ['rollback dev 3', '"3" is one word too many for rollback', 'migrate-tui rollback ENV --to TAG'],
    ['deploy dev --dry-run', '--dry-run is not a flag of deploy', 'migrate-tui dry-run ENV'],
    ['deploy --local', '--local is not a flag of deploy', 'migrate-tui deploy local'],
    ['generate --name add_orders', '--name is not a flag of generate', 'migrate-tui generate NAME'],
    ['generate --custom --name=x', '--custom is not a flag of generate', 'migrate-tui new NAME'],
    ['new --name x', '--name is not a flag of new', 'migrate-tui new NAME'],
    ['status --env production', '--env is not a flag of status', 'migrate-tui status ENV'],
  ])('%s', (line, what, next) => {
    const error = failure(line);
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(what);
    expect(error.next).toContain(next);
  });
});

function refusal(line: string): string {
  const { message, next } = failure(line);
  return `${message} ${next}`;
}

function failure(line: string): MigrateError {
  try {
    parseArguments(line.split(' '));
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error(`${line} was taken.`);
}
