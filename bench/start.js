// Builds rpcdump and compiles bench/ into a folder of its own, so that what is measured is what stands in the sources, and runs one
// of the tools of bench/ there: `node bench/start.js bench|micro|profile|repeat …`.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = join(root, 'node_modules', '.cache', 'rpcdump-bench');
const built = join(home, 'dist');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const [tool, ...args] = process.argv.slice(2);

cpSync(join(root, 'package.json'), join(home, 'package.json'));
execFileSync(process.execPath, [join(root, 'scripts', 'build.js'), built], { stdio: 'inherit' });
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'bench'), '--outDir', built], { stdio: 'inherit' });
if (compiled.status !== 0) console.error('bench: the sources have type errors; what came of them is measured');
process.exitCode = spawnSync(process.execPath, [join(built, 'bench', `${tool}.js`), ...args], {
  stdio: 'inherit',
  env: { ...process.env, RPCDUMP_ROOT: root },
}).status;
