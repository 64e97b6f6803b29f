import type { Context } from '../../screen.ts';
import type { MigrateErrorView } from '../../client/error.ts';

export interface WelcomeState {
  /** The choice under the cursor, from 0. */
  readonly at: number;
  readonly page: WelcomePage;
}

export type WelcomePage =
  | { readonly kind: 'choices' }
  /** What a standard project lacks, as text to be copied. */
  | { readonly kind: 'needs' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'config'; readonly file: ConfigFile; readonly top: number }
  | { readonly kind: 'making'; readonly what: string }
  | { readonly kind: 'failed'; readonly error: MigrateErrorView };

export type ConfigFile =
  | { readonly kind: 'asking' }
  | { readonly kind: 'shown'; readonly content: string }
  | { readonly kind: 'writing'; readonly content: string };

export interface Choice {
  readonly title: string;
  readonly says: string;
  readonly action: 'look' | 'config' | 'demo' | 'needs' | 'folder';
}

export function nothingHere({ opening }: Context): boolean {
  return opening === undefined || opening.environments.length === 0;
}

export function choicesOf(context: Context): readonly Choice[] {
  const practise = {
    title: 'practise',
    says: `a demo project in ./${demoFolder}, no network`,
    action: 'demo',
  } as const;
  if (nothingHere(context)) {
    return [
      practise,
      { title: 'name a folder', says: 'where the SQL files are', action: 'folder' },
      { title: 'what Drizzle needs', says: 'the lines of drizzle.config.ts that matter', action: 'needs' },
    ];
  }
  return [
    { title: 'look at them now', says: 'reads them, writes nothing', action: 'look' },
    { title: 'write a config', says: 'migrate-tui.config.ts, shown before it is written', action: 'config' },
    practise,
  ];
}

/** Where `migrate-tui demo` makes its project. */
export const demoFolder = 'migrate-tui-demo';

/** What `drizzle.config.ts` has to say; the schema is of use to drizzle-kit only. */
export const drizzleConfig = `export default {
  dialect: 'turso',
  out: './drizzle',
  dbCredentials: { url: 'file:local.db' },
};`;

/** What a folder of numbered SQL files needs. */
export const folderConfig = `{
  "databases": {
    "app": { "migrations": "FOLDER" }
  },
  "environments": {
    "local": { "targets": { "app": "file:local.db" } }
  }
}`;
