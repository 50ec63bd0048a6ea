// `npm run coverage`: which lines and branches of src/ the tests run. vitest counts what runs in its own processes, and holds the branches of
// the parsers to their bar (vitest.config.ts). What end-to-end tests run as a program is counted by V8 and added here, line by line, through
// the source maps of that build; lines are held to their bar here. The slow tests of vitest.config.ts run nothing else, and are left out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOfPrograms } from './program-lines.js';

/** Percent of the lines of src/ (docs/reliability.md). */
const BAR = 90;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'rpcdump-coverage-'));
try {
  // What an earlier run counted must not be taken for this one's.
  rmSync(join(ROOT, 'coverage'), { recursive: true, force: true });
  const { status } = spawnSync('npx', ['vitest', 'run', '--coverage'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, RPCDUMP_COVERAGE: folder, RPCDUMP_FAST_TESTS: '1' },
  });
  const counted = JSON.parse(readFileSync(join(ROOT, 'coverage', 'coverage-final.json'), 'utf8'));
  const percent = report(counted, linesOfPrograms(folder, ROOT));
  process.exitCode = status === 0 && percent < BAR ? 1 : (status ?? 1);
} finally {
  rmSync(folder, { recursive: true });
}

/** Prints the lines of each folder, and gives the percentage of all. */
function report(counted, programs) {
  const folders = new Map();
  for (const [path, file] of Object.entries(counted)) {
    const name = path.slice(join(ROOT, 'src/').length).split('/')[0];
    const sum = folders.get(name) ?? { lines: 0, covered: 0 };
    folders.set(name, sum);
    for (const [line, isCovered] of linesOf(file)) {
      sum.lines++;
      if (isCovered || programs.get(path)?.has(line)) sum.covered++;
    }
  }
  const all = { lines: 0, covered: 0 };
  for (const [name, sum] of folders) {
    if (sum.lines === 0) continue;
    all.lines += sum.lines;
    all.covered += sum.covered;
    console.log(`lines of ${name}: ${percentage(sum).toFixed(1)} % of ${sum.lines}`);
  }
  console.log(
    `lines of src: ${percentage(all).toFixed(1)} % of ${all.lines}, with those that programs ran; the bar is ${BAR} %`,
  );
  return percentage(all);
}

/** Lines on which statements begin, and whether one of them ran. */
function linesOf({ statementMap, s }) {
  const lines = new Map();
  for (const [id, { start }] of Object.entries(statementMap)) {
    lines.set(start.line, lines.get(start.line) === true || s[id] > 0);
  }
  return lines;
}

function percentage({ lines, covered }) {
  return (100 * covered) / lines;
}
