// Builds rpcdump into dist/, or into the folder that is named. Run by `npm run build` and, through `prepare`, by `npm ci`.
//
// The library is compiled module by module, with its types. The command line and the packages that it uses are bundled into few files,
// because most of its start-up time is finding and loading modules. The .x files get indexes and plans, so that none is parsed at
// start-up. The manual page is written by the built program itself.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licensesOf } from './licenses.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(dist, { recursive: true, force: true });
compileLibrary();
await copyDissectors();
await bundleCommandLine();
writeManPage();

function compileLibrary() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', dist];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
}

async function copyDissectors() {
  const folder = join(dist, 'dissectors');
  cpSync(join(root, 'dissectors'), folder, { recursive: true, filter: (source) => !source.endsWith('.md') });
  const { indexFiles, preparePlans } = await import(join(dist, 'src', 'dissect', 'library.js'));
  for (const [name, text] of Object.entries(indexFiles(folder))) writeFileSync(join(folder, name), text);
  for (const [path, plans] of preparePlans(folder)) writeFileSync(path, plans);
}

/** CommonJS, because Node finds and loads it in less time than ES modules. In the folder of its source: paths from there stay right. */
async function bundleCommandLine() {
  const folder = join(dist, 'src', 'cli');
  const source = join(root, 'src', 'cli');
  const input = {
    main: join(source, 'main.ts'),
    run: join(source, 'run.ts'),
    worker: join(source, 'jobs', 'worker.ts'),
  };
  const bundle = await rolldown({ input, platform: 'node' });
  const names = { entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' };
  // Only those who count what tests run (`npm run coverage`) ask for maps: Node would look for them at every start.
  const sourcemap = process.env.RPCDUMP_COVERAGE !== undefined && 'hidden';
  const { output } = await bundle.write({ dir: folder, format: 'cjs', sourcemap, ...names });
  await bundle.close();
  chmodSync(join(folder, 'main.cjs'), 0o755);
  writeFileSync(join(folder, 'LICENSES.txt'), licensesOf(output.flatMap((chunk) => chunk.moduleIds ?? [])));
}

function writeManPage() {
  const page = execFileSync(process.execPath, [join(dist, 'src', 'cli', 'main.cjs'), 'help', 'man']);
  mkdirSync(join(dist, 'man'));
  writeFileSync(join(dist, 'man', 'rpcdump.1'), page);
}
