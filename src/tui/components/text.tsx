import { Box, Text } from 'ink';
import { memo, type ReactElement } from 'react';
import { safe } from '../../lib/safe-text.ts';
import type { Line } from '../present/line.ts';
import { useTheme, type Tone } from '../theme.ts';

/**
 * The only component that draws text. Whatever it is given, wherever that came from, is made safe first.
 *
 * @param props.wrap `cut` keeps it on one row, `words` breaks it between words
 */
export function T({
  children,
  tone = 'text',
  wrap = 'cut',
}: {
  readonly children: string | readonly string[];
  readonly tone?: Tone;
  readonly wrap?: 'cut' | 'words';
}): ReactElement {
  const text = typeof children === 'string' ? children : children.join('');
  const theme = useTheme();
  return (
    <Text {...theme[tone]} wrap={wrap === 'cut' ? 'truncate' : 'wrap'}>
      {safe(text, { lines: wrap === 'cut' ? 'one' : 'many' })}
    </Text>
  );
}

/** Rows, one Ink text each: a component a cell costs Ink several times as much. */
export function Lines({ lines }: { readonly lines: readonly Line[] }): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {/* A row has no identity but its place on the screen. */}
      {/* oxlint-disable-next-line react/no-array-index-key */}
      {lines.map((line, index) => (
        <Row key={index} line={line} />
      ))}
    </Box>
  );
}

/** One row of spans, cut at its end when it is wider than the screen. */
export const Row = memo(function Row({ line }: { readonly line: Line }): ReactElement {
  const theme = useTheme();
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate">
        {line.length === 0
          ? ' '
          : line.map(({ text, tone }, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- as above
              <Text key={index} {...theme[tone]}>
                {text}
              </Text>
            ))}
      </Text>
    </Box>
  );
});
