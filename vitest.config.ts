import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // End-to-end tests compile the program before they begin.
    hookTimeout: 60_000,
    globalSetup: 'test/helpers/program-folder.ts',
    coverage: { provider: 'v8', include: ['src/**'] },
  },
});
