/**
 * The program in a process that stays, and runs command after command: starting a process for each takes longer than
 * most commands in tests do. Standard input is closed, the outputs are files. A command that ends the process has its
 * outcome like the others, and the next one gets a new process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './program.js';

const RESIDENT = fileURLToPath(new URL('resident.cjs', import.meta.url));

export class Resident {
  private child: ChildProcess | null = null;
  private readonly outputs: string[];
  /** Commands wait for those before them. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param main The file whose `run` is called. @param folder For the outputs. */
  constructor(
    private readonly main: string,
    private readonly env: NodeJS.ProcessEnv,
    folder: string,
  ) {
    this.outputs = ['stdout', 'stderr'].map((name) => join(folder, `${process.pid}.${name}`));
  }

  run(args: readonly string[], cwd: string): Promise<Outcome> {
    const outcome = this.last.then(() => this.runNext(args, cwd));
    this.last = outcome.catch(() => {});
    return outcome;
  }

  private async runNext(args: readonly string[], cwd: string): Promise<Outcome> {
    this.child ??= this.start();
    const status = await this.statusOf(this.child, args, cwd);
    const [stdout, stderr] = this.outputs.map((path) => readFileSync(path, 'utf8'));
    for (const path of this.outputs) truncateSync(path);
    return { status, stdout, stderr: stderr.split('\n').slice(0, -1) };
  }

  private statusOf(child: ChildProcess, args: readonly string[], cwd: string): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const exited = (status: number | null) => {
        this.child = null;
        resolve(status);
      };
      child.once('exit', exited).once('error', reject);
      child.once('message', (status: number) => {
        child.off('exit', exited).off('error', reject);
        resolve(status);
      });
      child.send({ args, cwd });
    });
  }

  private start(): ChildProcess {
    const [stdout, stderr] = this.outputs.map((path) => openSync(path, 'a'));
    const stdio = ['ignore', stdout, stderr, 'ipc'] as const;
    return spawn(process.execPath, [RESIDENT, this.main], { env: this.env, stdio: [...stdio] });
  }
}
