import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The files of a Drizzle 0.x folder, by path. Times default to one second apart. */
export function folder0(
  migrations: readonly { readonly tag: string; readonly sql: string; readonly when?: number }[],
  dialect: 'sqlite' | 'postgresql' = 'sqlite',
): Readonly<Record<string, string>> {
  const entries = migrations.map(({ tag, when }, idx) => ({
    idx,
    version: '6',
    when: when ?? 1_700_000_000_000 + idx * 1000,
    tag,
    breakpoints: true,
  }));
  const journal = { version: '7', dialect, entries };
  return {
    'meta/_journal.json': JSON.stringify(journal, undefined, 2),
    ...Object.fromEntries(migrations.map(({ tag, sql }) => [`${tag}.sql`, sql])),
  };
}

/** The files of a Drizzle 1.0 folder, by path. */
export function folder1(
  migrations: readonly { readonly tag: string; readonly sql: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(migrations.map(({ tag, sql }) => [`${tag}/migration.sql`, sql]));
}

/** The files of a folder of numbered files, by path. */
export function numberedFolder(
  migrations: readonly { readonly tag: string; readonly sql: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(migrations.map(({ tag, sql }) => [`${tag}.sql`, sql]));
}

/** Writes files by their path below `folder`. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
