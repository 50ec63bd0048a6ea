import { configDefaults, defineConfig } from 'vitest/config';

/**
 * What takes long and tells little about a second version of Node, because it runs code that other tests run too, or
 * measures what the bars are set for (docs/performance.md): left out with RPCDUMP_FAST_TESTS=1.
 */
const SLOW = [
  'test/damage/**',
  'test/fuzz/**',
  'test/opinion/**',
  'test/dissect/cut.test.ts',
  'test/dissect/usual-messages.test.ts',
  'test/e2e/documents.test.ts',
  'test/e2e/flat-memory.test.ts',
  'test/xdr/codegen.test.ts',
  'test/xdr/codegen-fixtures.test.ts',
  'test/xdr/parse-scale.test.ts',
];
const isFast = process.env.RPCDUMP_FAST_TESTS === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isFast ? SLOW : [])],
    // By default one core is left to others: of two, half.
    maxWorkers: '100%',
    // Test files of a worker share its modules, so that code is loaded, compiled and optimized once: a quarter less time.
    // A file that replaces a function or a variable of the process restores it.
    isolate: false,
    // A zone that no machine is in by default, and of no whole hours: what is in UTC must be so anywhere.
    env: { TZ: 'Asia/Kathmandu' },
    // Only for what never ends. A machine with much else to do takes ten times as long for all; tests that hold time hold that of the CPU.
    testTimeout: 600_000,
    hookTimeout: 600_000,
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
