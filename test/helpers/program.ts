/**
 * The program itself, for tests that need it as a process: built as it ships, of the sources as they are, into the run's temporary folder,
 * so that no test needs dist/, which may be missing or old. The first test that asks builds it, for all of them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { Resident } from './resident.js';

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
  /** Added to its environment. */
  env?: Record<string, string>;
  cwd?: string;
}

const POLL_MILLISECONDS = 50;

class Program {
  private resident: Resident | null = null;

  /** Its file. */
  get main(): string {
    const folder = inject('programFolder');
    const built = join(folder, 'built');
    while (!existsSync(built)) {
      if (!claim(join(folder, 'building')))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MILLISECONDS);
      else if (!existsSync(built)) buildInto(join(folder, 'building'), built);
    }
    return join(built, 'dist', 'src', 'cli', 'main.cjs');
  }

  /** The environment that it runs in: that of the tests, but for the zone, the colour variables, and what slows its start. */
  get env(): NodeJS.ProcessEnv {
    // Node 20 parses these certificates whenever it starts, which takes longer than all else that it does then.
    const { NO_COLOR: _n, FORCE_COLOR: _f, NODE_EXTRA_CA_CERTS: _c, RPCDUMP_COVERAGE: coverage, ...rest } = process.env;
    // From Node 22 on, one process compiles for the others; what comes from its cache is not counted line by line.
    const compiled = join(inject('programFolder'), 'compiled');
    const node = coverage === undefined ? { NODE_COMPILE_CACHE: compiled } : { NODE_V8_COVERAGE: coverage };
    return { ...rest, ...node, TZ: 'UTC' };
  }

  spawn(args: readonly string[], { env = {}, cwd }: Omit<RunOptions, 'input'> = {}) {
    return spawn(process.execPath, [this.main, ...args], { env: { ...this.env, ...env }, cwd });
  }

  /**
   * Sends a signal to a command while it reads; `input` stays open. Nothing tells from outside that it reads, and on a busy
   * machine it begins later: the command is started again, and left more time, until its standard error is `expected`.
   */
  async interrupt(args: readonly string[], signal: NodeJS.Signals, expected: RegExp, input: Uint8Array | null = null) {
    for (let wait = 600; ; wait *= 2) {
      const child = this.spawn(args);
      const closed = once(child, 'close');
      child.stdin.on('error', () => {});
      if (input !== null) child.stdin.write(input);
      await setTimeout(wait);
      child.kill(signal);
      const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
      if (expected.test(stderr) || wait > 5000) return { status, stdout, stderr };
    }
  }

  /** Runs a command in a process that other commands ran in before, if it asks for nothing that needs its own. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { input, env, cwd = process.cwd() } = options;
    if (input !== undefined || env !== undefined || args.includes('-')) return this.runAlone(args, options);
    this.resident ??= new Resident(join(dirname(this.main), 'run.cjs'), this.env, inject('programFolder'));
    return this.resident.run(args, cwd);
  }

  /** Runs a command in a process of its own, as from a shell. */
  runAlone(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
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

export const program = new Program();

/** True for the one who makes the folder. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** Whoever waits sees all of the program or nothing; after a failure the next one tries, and says itself what is wrong. */
function buildInto(folder: string, built: string): void {
  try {
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js'), join(folder, 'dist')]);
    renameSync(folder, built);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}
