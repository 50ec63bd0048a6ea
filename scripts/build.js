// Compiles src/ and the dissectors' companions into dist/, copies the .x files there and writes their indexes, so that starting
// parses none of them. Run by `npm run build` and, through `prepare`, by `npm ci`.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
cpSync(join(root, 'dissectors'), join(dist, 'dissectors'), {
  recursive: true,
  filter: (source) => !source.endsWith('.ts') && !source.endsWith('.md'),
});
const dissectors = join(dist, 'dissectors');
const { indexFiles } = await import(join(dist, 'src', 'dissect', 'library.js'));
for (const [name, text] of Object.entries(indexFiles(dissectors))) writeFileSync(join(dissectors, name), text);
chmodSync(join(dist, 'src', 'cli', 'main.js'), 0o755);
