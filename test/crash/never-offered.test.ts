import { describe, expect, test } from 'vitest';
import type { RecoveryCase } from '../../src/operations/reports.ts';
import { builtPackage } from '../support/built-package.ts';
import { startResident } from '../support/resident.ts';
import { askRecover, insist } from './asking.ts';
import { ground, kinds, tag, type Kind } from './kinds.ts';
import { contentOf, type Stand } from './stand.ts';
import { openStand } from './stands.ts';
import { startTool } from './tool.ts';

describe.each(['libSQL file', 'libSQL server'] as const)('%s', (engine) => {
  test('a rebuild that stopped before its DROP TABLE is never gone on with from there: on a fresh connection the rows that refer to it would go, too', async () => {
    await using stand = await openStand(engine, undefined);
    const kind = kindOf('rebuild of a parent');
    const before = await begun(stand, kind);
    const drop = kind.statements.findIndex((sql) => sql.startsWith('DROP TABLE'));
    await leaveAfter(stand, kind.statements.slice(0, drop));
    const ways = allowed(await asked(stand));
    expect(ways).toContain('start-over');
    expect(ways).not.toContain('resume');
    expect((await contentOf(stand)).tables.get('members')).toBe(before.tables.get('members'));
    // The reason: what is left of the file, run as a tool would run it now.
    await leaveAfter(stand, kind.statements.slice(drop));
    expect((await contentOf(stand)).tables.get('members')).toBe('');
  });

  // After statement 1, 2 and 3 the schema is the same: each of them may have been the last.
  test.each([1, 2, 3])(
    'a migration is never gone on with a statement too late: after %i of 3 that leave the same schema nothing says which are left',
    async (after) => {
      await using stand = await openStand(engine, undefined);
      const kind = kindOf('mixed');
      await begun(stand, kind);
      await leaveAfter(stand, kind.statements.slice(0, after));
      const found = await asked(stand);
      expect(found.map(({ situation }) => situation)).toEqual(['one-of']);
      expect(allowed(found)).not.toContain('resume');
      expect(allowed(found)).not.toContain('record');
    },
  );
});

function kindOf(name: string): Kind {
  const found = kinds.find((kind) => kind.name === name);
  if (!found) throw new Error(`There is no kind ${name}.`);
  return found;
}

/** The target with everything but the migration. */
async function begun(stand: Stand, { statements }: Kind) {
  stand.project.add(ground.tag, ground.statements);
  await insist(stand, await builtPackage(), 'apply', 'staging', '--yes');
  stand.project.add(tag, statements);
  return contentOf(stand);
}

/** A tool that is killed when it has run them. */
async function leaveAfter({ target }: Stand, statements: readonly string[]): Promise<void> {
  await using tool = await startTool(target, statements);
  for (const _ of statements) expect(await tool.step()).toBe('done');
}

async function asked(stand: Stand): Promise<readonly RecoveryCase[]> {
  await using cli = startResident();
  const found = await askRecover({ stand, cli });
  return found;
}

function allowed(found: readonly RecoveryCase[]): readonly string[] {
  return found.flatMap(({ options }) => options.filter((option) => option.allowed).map(({ id }) => id));
}
