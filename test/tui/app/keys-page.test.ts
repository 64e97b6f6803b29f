import { expect, test } from 'vitest';
import { keysPage } from '../../support/keys-page.ts';

test('meta/keys.md is what the key tables say (vitest -u writes it)', async () => {
  await expect(keysPage()).toMatchFileSnapshot('../../../meta/keys.md');
});
