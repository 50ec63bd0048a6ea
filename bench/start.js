// Builds rpcdump and compiles bench/ into a folder of its own, so that the sources are measured as they are, and runs one of the tools
// of bench/ there: `node bench/start.js bench|micro|profile|repeat|interleave …`.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = ['bench', 'micro', 'profile', 'repeat', 'interleave'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = join(root, 'node_modules', '.cache', 'rpcdump-bench');
const built = join(home, 'dist');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const [tool, ...args] = process.argv.slice(2);
process.exitCode = TOOLS.includes(tool) ? run() : usage();

function usage() {
  console.error(`usage: node bench/start.js ${TOOLS.join('|')} …`);
  return 2;
}

/** The tool's exit status; 1 where the sources do not compile, or the tool ended by a signal. */
function run() {
  cpSync(join(root, 'package.json'), join(home, 'package.json'));
  const node = (...command) => spawnSync(process.execPath, command, { stdio: 'inherit', env }).status ?? 1;
  const env = { ...process.env, RPCDUMP_ROOT: root };
  execFileSync(process.execPath, [join(root, 'scripts', 'build.js'), built], { stdio: 'inherit' });
  return node(tsc, '-p', join(root, 'bench'), '--outDir', built) || node(join(built, 'bench', `${tool}.js`), ...args);
}
