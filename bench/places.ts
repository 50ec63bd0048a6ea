/** Where the benchmarks find the project, the compiled rpcdump, the shared slices, and their own inputs. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's sources: bench/start.js says where. */
export const ROOT = process.env.RPCDUMP_ROOT ?? process.cwd();
const BUILT = dirname(dirname(fileURLToPath(import.meta.url)));
export const RPCDUMP = join(BUILT, 'src', 'cli', 'main.cjs');
export const SLICES = process.env.RPCDUMP_SLICES ?? resolve(ROOT, '..', 'shared', 'bench');
export const FIXTURES = join(ROOT, 'fixtures', 'captures');

/** A folder for inputs, kept between runs, and one for the files that peers leave where they run. */
export const WORK = join(tmpdir(), 'rpcdump-bench');
export const LEFTOVERS = join(WORK, 'leftovers');
mkdirSync(LEFTOVERS, { recursive: true });
