import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { asciiSigns, unicodeSigns as signs } from '../../../src/lib/signs.ts';
import { footerLine } from '../../../src/tui/components/footer.tsx';
import { headerLine, rightForms, type HeaderContent } from '../../../src/tui/components/header.tsx';
import { Lines, T } from '../../../src/tui/components/text.tsx';
import { heavyFrame, overlayFrame } from '../../../src/tui/present/frame.ts';
import { lineWidth } from '../../../src/tui/present/layout.ts';
import { say, textOf } from '../../../src/tui/present/line.ts';

const header: HeaderContent = {
  project: 'ledgerly',
  branch: 'main',
  path: ['app', 'production', 'run 41'],
  right: [
    [say('PRODUCTION', 'badge'), say('  writing   started 14:02:11 UTC, 33 s ago')],
    [say('PRODUCTION', 'badge'), say('  writing  33 s')],
  ],
};

test('the header is as wide as the terminal and gives way from the least needed', () => {
  const at = (width: number) => textOf(headerLine(signs, header, width));
  expect(at(120)).toBe(
    ' migrate-tui   ledgerly   on main   app › production › run 41       PRODUCTION  writing   started 14:02:11 UTC, 33 s ago',
  );
  expect(at(80)).toBe(' migrate-tui  ledgerly  app › production › run 41      PRODUCTION  writing  33 s');

  for (const width of [160, 120, 80, 60, 40]) expect(lineWidth(headerLine(signs, header, width))).toBe(width);
});

test('a protected environment is called by its badge, whatever else gives way', () => {
  const right = rightForms([
    { text: 'PRODUCTION  protected, read-only', tone: 'danger' },
    { text: 'read 5 s ago', tone: 'dim' },
  ]);
  const at = (width: number) => textOf(headerLine(signs, { ...header, right }, width)).trim();
  expect(at(120)).toMatch(/PRODUCTION {2}protected, read-only {3}read 5 s ago$/);
  expect(at(80)).toMatch(/PRODUCTION {2}protected, read-only$/);
});

test('where it is narrow the path loses its beginning, never the direction of a copy nor its end', () => {
  const path = ['app, auth', 'local ‹ production', 'resync'];
  const right = rightForms([
    { text: 'local', tone: 'text' },
    { text: 'nothing written yet', tone: 'text' },
  ]);
  const at = (width: number) => textOf(headerLine(signs, { ...header, path, right }, width));
  expect(at(60)).toMatch(/^ ledgerly +local ‹ production › resync +nothing written yet $/);
  expect(at(60)).toHaveLength(60);
});

test('a long name of an environment takes the room of the name of the project', () => {
  const path = ['production-eu-central-1', 'verify'];
  const right = rightForms([{ text: 'PRODUCTION-EU-CENTRAL-1', tone: 'badge' }]);
  const at = (width: number) => textOf(headerLine(signs, { ...header, path, right }, width));
  expect(at(60)).toMatch(/^ production-eu-central-1 › verify +PRODUCTION-EU-CENTRAL-1 $/);
  expect(at(80)).toContain('ledgerly');
});

test('a name of an environment that is wider than the header leaves the page its name', () => {
  const path = ['app', 'production-of-the-whole-wide-world-in-europe-central-1-primary', 'review'];
  const right = rightForms([
    { text: 'PRODUCTION-OF-THE-WHOLE-WIDE-WORLD-IN-EUROPE-CENTRAL-1-PRIMARY', tone: 'badge' },
    { text: 'nothing written yet', tone: 'text' },
  ]);
  for (const width of [120, 80, 60]) {
    const line = textOf(headerLine(signs, { ...header, path, right }, width));
    expect(line).toMatch(/product\S*…\S*primary › review +PRODUCTION\S*…\S*PRIMARY $/);
    expect(line).toHaveLength(width);
  }
});

test('what is only nice to know gives way to the name of the page', () => {
  const path = ['app', '0016_drop_legacy_notes'];
  const right = rightForms([{ text: 'drizzle/0016_drop_legacy_notes.sql', tone: 'dim' }]);
  const at = (width: number) => textOf(headerLine(signs, { ...header, path, right }, width)).trimEnd();
  expect(at(80)).toMatch(/app › 0016_drop_legacy_notes +drizzle\S+sql$/);
  expect(at(60)).toBe(' ledgerly  app › 0016_drop_legacy_notes');
});

test('the footer leaves out whole keys from the end and keeps what is special now, and ? to the last', () => {
  const keys = [
    { key: 'w', label: 'ways out' },
    { key: 'enter', label: 'open' },
    { key: '/', label: 'filter' },
    { key: '?', label: 'keys', keep: 'always' as const },
    { key: 'd', label: 'deploy', blocked: 'finish dev first', place: 'end' as const },
  ];
  expect(textOf(footerLine(signs, keys, 80))).toBe(
    ' w ways out   enter open   / filter   ? keys         d deploy: finish dev first ',
  );
  expect(textOf(footerLine(signs, keys, 60))).toBe(
    ' w ways out   ? keys             d deploy: finish dev first ',
  );
  // Where the reason has no room, another key has.
  expect(textOf(footerLine(signs, keys, 40)).trimEnd()).toBe(' w ways out   enter open   ? keys');
  expect(textOf(footerLine(signs, keys, 12)).trimEnd()).toBe(' ? keys');
});

test('the heavy frame is open to the right, in ASCII too', () => {
  const lines = heavyFrame(signs, { title: 'PRODUCTION', lines: [[say('type its name: prod▏')]], width: 30 });
  expect(lines.map(textOf)).toEqual([
    '┏━ PRODUCTION ────────────────',
    '┃ type its name: prod▏        ',
    '┗─────────────────────────────',
  ]);
  const ascii = overlayFrame(asciiSigns, {
    title: 'keys',
    lines: [[say('move')]],
    width: 20,
    footer: 'esc close',
  });
  expect(ascii.map(textOf)).toEqual(['+- keys ------------', '| move              ', '+ esc close --------']);
});

test('no escape sequence of a name reaches the terminal', () => {
  const { lastFrame, unmount } = render(
    <>
      <T>{'users\x1b[8m\x1b]8;;http://evil\x07'}</T>
      <Lines lines={[[say('a\x1b[31mb')]]} />
    </>,
  );
  expect(lastFrame()).toBe('users␛[8m␛]8;;http://evil␇\na␛[31mb');
  unmount();
});
