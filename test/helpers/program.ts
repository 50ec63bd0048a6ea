/**
 * The program itself, for tests that need it as a process: built as it ships, of the sources as they are, into a temporary folder, so
 * that no test needs dist/, which may be missing or old.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js'), dist]);
    return new Program(folder, join(dist, 'src', 'cli', 'main.cjs'));
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
