import { join } from 'node:path';

/** A running workerd with one D1 database, `DB`. */
export interface Server extends AsyncDisposable {
  /** Sends a question to the script that runs inside, and gives the answer that it returns as JSON. */
  ask(question: unknown): Promise<{ readonly error?: string; readonly objects?: number }>;
}

export interface ServerOptions {
  /** A module worker. */
  readonly script: string;
  /** The folder that miniflare keeps its state in; databases are in `d1` there. */
  readonly persist: string;
  /** The database's id. */
  readonly id: string;
}

/**
 * The project's own miniflare, of any version: 5 takes other options than those before, and brings what converts them.
 *
 * @param url of its main module
 */
export async function loadMiniflare(
  url: string,
): Promise<{ readonly start: (options: ServerOptions) => Server }> {
  const loaded: unknown = await import(url);
  if (!isMiniflare(loaded)) throw new Error('the miniflare of the project has no class Miniflare');
  const { Miniflare, convertV4MiniflareOptions: convert } = loaded;
  return {
    start: (options) => {
      const server = new Miniflare(
        convert
          ? convert({ ...optionsFor(options), resourcePersistencePath: options.persist })
          : { ...optionsFor(options), d1Persist: join(options.persist, 'd1') },
      );
      return {
        ask: async (question) => {
          const request = { method: 'POST', body: JSON.stringify(question) };
          return (await server.dispatchFetch('http://localhost/', request)).json();
        },
        [Symbol.asyncDispose]: () => server.dispose(),
      };
    },
  };
}

function optionsFor({ script, id }: ServerOptions) {
  return {
    modules: true,
    script,
    compatibilityDate: '2024-09-23',
    d1Databases: { DB: id },
    // It would be fetched from Cloudflare.
    cf: false,
  };
}

/** What is used of it. */
interface MiniflareModule {
  readonly Miniflare: new (options: unknown) => {
    dispatchFetch(
      url: string,
      request: { readonly method: string; readonly body: string },
    ): Promise<{ json(): Promise<{ readonly error?: string; readonly objects?: number }> }>;
    dispose(): Promise<void>;
  };
  readonly convertV4MiniflareOptions?: (options: unknown) => unknown;
}

function isMiniflare(loaded: unknown): loaded is MiniflareModule {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'Miniflare' in loaded &&
    typeof loaded.Miniflare === 'function'
  );
}
