import { expect, test } from 'vitest';
import { styleFor } from '../../src/cli/output/style.ts';
import { verifyText } from '../../src/cli/text/verify.ts';
import type { VerifyCheck, VerifyReport } from '../../src/operations/reports.ts';

const style = styleFor({ stream: {}, env: {}, colour: 'never', ascii: 'as-fits' });

function headline(schema: VerifyCheck['state']): string | undefined {
  const checks: readonly VerifyCheck[] = [
    { database: 'app', check: 'history', state: 'proven', says: '' },
    { database: 'app', check: 'schema', state: schema, says: '' },
  ];
  const report: VerifyReport = {
    schemaVersion: 1,
    kind: 'verify',
    environment: 'local',
    equal: schema !== 'differs',
    checks,
  };
  return verifyText(report, style)[0];
}

test('A schema that could not be compared is not said to be what the migrations say.', () => {
  expect(headline('proven')).toBe('local is what its migrations say: 2 of 2 checks proven.');
  expect(headline('not-possible')).toBe(
    'local was not compared with what its migrations make: 1 of 2 checks proven.',
  );
  expect(headline('differs')).toContain('local is not what its migrations say: 1 of 2 checks differ.');
});
