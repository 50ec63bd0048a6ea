import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // By default one core is left to others: of two, half.
    maxWorkers: '100%',
    testTimeout: 60_000,
    // End-to-end tests compile the program before they begin.
    hookTimeout: 60_000,
    globalSetup: 'test/helpers/program-folder.ts',
    // `npm run coverage`, which holds lines to their bar itself (scripts/coverage.js).
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      reporter: ['json', 'html', 'text-summary'],
      reportOnFailure: true,
      thresholds: Object.fromEntries(
        ['capture', 'network', 'rpc', 'xdr'].map((folder) => [`src/${folder}/**`, { branches: 90 }]),
      ),
    },
  },
});
