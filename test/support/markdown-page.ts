/** Blocks of code. */
export const blocks = /^(`{3,}).*?^\1$/gms;

/** What stands at the start of a line behind `## ` outside blocks of code. */
export function headingsOf(text: string): readonly string[] {
  const outside = text.replaceAll(blocks, '');
  return [...outside.matchAll(/^## (.*)$/gm)].map(([, title]) => title ?? '');
}

/** What stands under a heading of the second level. */
export function sectionOf(text: string, title: string): string {
  const [, rest = ''] = text.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0] ?? '';
}

/** The cells of the first table of a section, as GitHub divides them: at every pipe without a backslash. */
export function cellsOf(text: string, title: string): readonly (readonly string[])[] {
  const lines = sectionOf(text, title).split('\n');
  const from = lines.findIndex((line) => line.startsWith('| '));
  if (from === -1) return [];
  const end = lines.findIndex((line, index) => index > from && !line.startsWith('|'));
  return lines
    .slice(from, end === -1 ? undefined : end)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.some((cell) => cell !== '---'));
}
