// `npm run fuzz -- --minutes 60 --seed 1`: the fuzz test with more time; what it finds is written to fixtures/regressions, and a line on
// the run to test/fuzz/log.tsv.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const { status } = spawnSync('npx', ['vitest', 'run', 'test/fuzz/fuzz.test.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    RPCDUMP_FUZZ_SECONDS: String(60 * Number(values.minutes)),
    RPCDUMP_FUZZ_SEED: values.seed,
    RPCDUMP_FUZZ_KEEP: 'fixtures/regressions',
    RPCDUMP_FUZZ_LOG: 'test/fuzz/log.tsv',
  },
});
process.exitCode = status ?? 1;
