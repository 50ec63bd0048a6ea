/**
 * The program itself, for tests that need it as a process: compiled from the sources as they are into a temporary folder, so that
 * no test needs dist/, which may be missing or old.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  /** Lines. */
  stderr: string[];
}

export interface RunOptions {
  /** Standard input; closed when not given. */
  input?: Uint8Array;
  /** Added to the environment, without the colour variables of the one who runs the tests. */
  env?: Record<string, string>;
  cwd?: string;
}

export class Program {
  private constructor(
    private readonly folder: string,
    readonly main: string,
  ) {}

  static build(): Program {
    const folder = mkdtempSync(join(tmpdir(), 'rpcdump-e2e-'));
    const dist = join(folder, 'dist');
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', dist]);
    cpSync(join(ROOT, 'dissectors'), join(dist, 'dissectors'), { recursive: true, filter: isShipped });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    return new Program(folder, join(dist, 'src', 'cli', 'main.js')).index(dist);
  }

  /** Writes the indexes of dissectors, as scripts/build.js does: without them every start parses every `.x` file. */
  private index(dist: string): this {
    const script = `
      import { indexFiles } from ${JSON.stringify(join(dist, 'src', 'dissect', 'library.js'))};
      process.stdout.write(JSON.stringify(indexFiles(${JSON.stringify(join(dist, 'dissectors'))})));`;
    const indexes = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    for (const [name, text] of Object.entries<string>(JSON.parse(indexes))) {
      writeFileSync(join(dist, 'dissectors', name), text);
    }
    return this;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  spawn(args: readonly string[], { env = {}, cwd }: Omit<RunOptions, 'input'> = {}) {
    const { NO_COLOR: _n, FORCE_COLOR: _f, ...rest } = process.env;
    return spawn(process.execPath, [this.main, ...args], { env: { ...rest, TZ: 'UTC', ...env }, cwd });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const child = this.spawn(args, options);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk) => stdout.push(chunk));
    child.stderr.on('data', (chunk) => stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => {
        const lines = Buffer.concat(stderr).toString().split('\n').slice(0, -1);
        resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: lines });
      });
    });
  }
}

function isShipped(source: string): boolean {
  return !source.endsWith('.ts') && !source.endsWith('.md');
}
