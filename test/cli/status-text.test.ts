import { expect, test } from 'vitest';
import { styleFor } from '../../src/cli/output/style.ts';
import { statusText } from '../../src/cli/text/status.ts';
import { openingOf, statusOf } from '../support/status.ts';

const style = styleFor({ stream: {}, env: {}, colour: 'never', ascii: 'as-fits' });

test('what is applied and pending is counted as other figures are', () => {
  const tags = Array.from({ length: 3500 }, (_one, index) => `${String(index).padStart(4, '0')}_step`);
  const pending = Object.fromEntries(tags.slice(1500).map((tag) => [tag, 'pending' as const]));
  const { databases } = openingOf(tags, ['staging']);
  const text = statusText({ ...statusOf(tags, 'staging', pending), databases }, style).join('\n');
  expect(text).toContain('3,500 migrations');
  expect(text).toMatch(/staging +○ behind +1,500 applied +2,000 pending/);
});
