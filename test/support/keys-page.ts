import { alwaysBindings } from '../../src/tui/app/always.ts';
import { keysShown } from '../../src/tui/app/help.ts';
import { screens } from '../../src/tui/app/registry.ts';

interface Row {
  readonly keys: readonly string[];
  readonly help: string;
  readonly group: string;
}

/** The keys of every screen as a page, from the tables that the program itself looks keys up in. */
export function keysPage(): string {
  const intro = [
    '# Keys',
    '',
    'Made from the key tables of the screens. A key that cannot work at some moment is dim there and says why.',
  ];
  const sections = [
    ...section('On every screen', alwaysBindings),
    ...screens.flatMap(({ name, bindings }) => section(titleOf(name), bindings)),
  ];
  return `${[...intro, ...sections].join('\n')}\n`;
}

function section(title: string, rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ keys, help }) => `| ${code(keys)} | ${help.replaceAll('|', '\\|')} |`);
  return ['', `## ${title}`, '', '| key | what it does |', '|---|---|', ...lines];
}

function code(keys: readonly string[]): string {
  return keysShown(keys)
    .split(' ')
    .map((key) => `\`${key}\``)
    .join(' ');
}

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
