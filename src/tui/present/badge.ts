import type { HeaderPart } from '../screen.ts';

/** The right end of the header on a screen about one environment: a protected one is called by its badge. */
export function environmentBadge(
  environment: string,
  { protected: isProtected, doing }: { readonly protected: boolean; readonly doing: string },
): readonly HeaderPart[] {
  return [
    isProtected ? { text: environment.toUpperCase(), tone: 'badge' } : { text: environment, tone: 'text' },
    { text: doing, tone: 'text' },
  ];
}
