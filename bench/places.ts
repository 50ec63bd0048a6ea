/** Where the benchmarks find the project, the compiled rpcdump, captures outside of the repository, and their own inputs. */
import { mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's sources: bench/start.js says where. */
export const ROOT = process.env.RPCDUMP_ROOT ?? process.cwd();
const BUILT = dirname(dirname(fileURLToPath(import.meta.url)));
export const RPCDUMP = join(BUILT, 'src', 'cli', 'main.cjs');
/** A folder of captures `*.pcap.zst` that are too large for the repository; it need not be there. */
export const SLICES = process.env.RPCDUMP_SLICES ?? resolve(ROOT, '..', 'shared', 'bench');
export const FIXTURES = join(ROOT, 'fixtures', 'captures');

/** A folder for inputs, kept between runs, and one for the files that peers leave where they run. */
export const WORK = join(tmpdir(), 'rpcdump-bench');
export const LEFTOVERS = join(WORK, 'leftovers');
mkdirSync(LEFTOVERS, { recursive: true });

/** True in the file that was started, also through a symbolic link. @param url The file's `import.meta.url`. */
export function isMain(url: string): boolean {
  return realpathSync(process.argv[1]) === fileURLToPath(url);
}
