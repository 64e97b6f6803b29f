// Loaded before drizzle-kit, which has Cloudflare's address in its text: the only thing of it that is another one.
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    const found = next(url, context);
    if (!url.endsWith('/drizzle-kit/bin.cjs')) return found;
    const { source = '' } = found;
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source ?? undefined);
    const base = process.env['CLOUDFLARE_API_BASE_URL'] ?? '';
    return { ...found, source: text.replaceAll('https://api.cloudflare.com/client/v4', base) };
  },
});
