import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/support/setup.ts'],
    exclude: ['test/fixtures/**', 'test/peers/**', 'node_modules/**'],
    // Real processes and real files: two at a time fit a small build machine.
    pool: 'forks',
    maxWorkers: 2,
    // A starved build machine can make a terminal test miss its moment; a second failure is about the change.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
