import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'meta/*.md'], { cwd: root });
const links = pages.flatMap(linksOf);

describe('the documentation', () => {
  test('links only to files and headings that are there', () => {
    expect(links.length, 'links seen').toBeGreaterThan(20);
    expect(links.filter((link) => !resolves(link)).map(({ page, to }) => `${page} → ${to}`)).toEqual([]);
  });

  test('leads to every page from its index or the README', () => {
    const reached = new Set(links.map(({ page, to }) => join(dirname(page), to.split('#')[0] ?? '')));
    const lost = pages.filter(
      (page) => page.startsWith('docs/') && page !== 'docs/index.md' && !reached.has(page),
    );
    expect(lost).toEqual([]);
  });
});

interface Link {
  readonly page: string;
  readonly to: string;
}

function linksOf(page: string): readonly Link[] {
  const prose = readFileSync(join(root, page), 'utf8')
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/(?:src|href)="([^"]+)"/g)];
  return found.map(([, to = '']) => ({ page, to })).filter(({ to }) => !/^[a-z]+:/.test(to));
}

function resolves({ page, to }: Link): boolean {
  const [path = '', heading] = to.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return false;
  return heading === undefined || headingsOf(file).includes(heading);
}

/** The anchors that GitHub gives to headings. */
function headingsOf(page: string): readonly string[] {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, text = '']) => {
    return text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
  });
}
