import { expect, test } from 'vitest';
import { unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { textOf } from '../../../src/tui/present/line.ts';
import { backupRows } from '../../../src/tui/screens/backups/lines.ts';
import { environment } from '../../../src/tui/screens/environment/screen.tsx';
import { verify } from '../../../src/tui/screens/verify/screen.tsx';
import { contextWith, openingOf, statusOf } from '../../support/status.ts';

const tags = ['0000_init'];
const context = contextWith(openingOf(tags, ['dev', 'production']), [statusOf(tags, 'dev')]);

test('the header names an environment once: in the path, unless it is protected', () => {
  const right = (name: string) =>
    environment.header({ environment: name, top: 0 }, context).right.map(({ text }) => text);
  expect(right('dev')).toEqual([]);
  expect(right('production')).toEqual(['PRODUCTION', 'protected, read-only']);
});

test('what was verified tells its age', () => {
  const asked = verify.open({ screen: 'verify', environment: 'dev' }, context).state;
  expect(verify.header(asked, context)).toEqual({ path: ['dev', 'verify'], right: [] });
  const report = { schemaVersion: 1, kind: 'verify', environment: 'dev', equal: true, checks: [] } as const;
  const answered = verify.reduce(asked, { kind: 'answer', id: 'page', report }, context).state;
  const later = { ...context, now: context.now + 4000 };
  expect(verify.header(answered, later).right.map(({ text }) => text)).toEqual(['read 4 s ago']);
});

test('where there is no backup yet, the command that takes one is said whole', () => {
  const rows = backupRows(
    { schemaVersion: 1, kind: 'backups', backups: [] },
    {
      request: { screen: 'backups', environment: 'dev' },
      signs,
      context: { ...context, place: ' --project app' },
      at: 0,
    },
  );
  expect(rows.lines.map(textOf).join('')).toContain('so does migrate-tui backup --project app dev.');
});
