/**
 * Runs a program with its output thrown away and says what it cost: user and system CPU and peak RSS by GNU time where it is
 * installed, else CPU by bash's `time` and no RSS; wall time by this process's clock.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEFTOVERS, WORK } from './places.js';

export interface Program {
  name: string;
  command: string;
  args: string[];
  /** An exit status, besides 0, of runs that count: what they cost is the least that a whole one would. */
  accepts?: number;
}

/** Seconds; `rss` in bytes, null where it cannot be had. */
export interface Cost {
  user: number;
  system: number;
  wall: number;
  rss: number | null;
}

const GNU_TIME = '/usr/bin/time';
/** BSD's has no `-f`. */
const hasGnuTime = spawnSync(GNU_TIME, ['--version'], { encoding: 'utf8' }).output?.join('').includes('GNU') === true;
const REPORT = join(WORK, `time-${process.pid}.txt`);

export function measure({ name, command, args, accepts }: Program): Cost {
  const start = process.hrtime.bigint();
  const result = hasGnuTime
    ? spawnSync(GNU_TIME, ['-o', REPORT, '-f', '%U %S %M', command, ...args], { cwd: LEFTOVERS, stdio: 'ignore' })
    : spawnSync(
        'bash',
        ['-c', `TIMEFORMAT="%U %S"; { time "$@" > /dev/null 2> /dev/null; } 2> "${REPORT}"`, '-', command, ...args],
        {
          cwd: LEFTOVERS,
          stdio: 'ignore',
        },
      );
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  if (result.status !== 0 && result.status !== accepts) throw new Error(`${name}: exit status ${result.status}`);
  // Before the figures stands by what signal a program ended.
  const report = readFileSync(REPORT, 'utf8').trim().split('\n').at(-1)!;
  const [user, system, kilobytes] = report.split(' ').map(Number);
  return { user, system, wall, rss: kilobytes === undefined ? null : kilobytes * 1024 };
}

/** Medians of several runs, the programs in turn. */
export function measureInTurn(programs: readonly Program[], rounds: number): Map<Program, Cost> {
  const runs = new Map<Program, Cost[]>(programs.map((program) => [program, []]));
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) runs.get(program)!.push(measure(program));
  }
  return new Map([...runs].map(([program, costs]) => [program, medianCost(costs)]));
}

function medianCost(costs: Cost[]): Cost {
  const of = (part: (cost: Cost) => number) => median(costs.map(part));
  return {
    user: of((cost) => cost.user),
    system: of((cost) => cost.system),
    wall: of((cost) => cost.wall),
    rss: costs.some((cost) => cost.rss === null) ? null : of((cost) => cost.rss!),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Lines and bytes of a program's output. */
export async function countOutput(program: Program): Promise<{ lines: number; bytes: number }> {
  const count = { lines: 0, bytes: 0 };
  await readOutput(program, (chunk) => {
    count.bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count.lines++;
  });
  return count;
}

/** Reads a program's output to its end. Throws where the program fails: what it wrote until then says nothing. */
export function readOutput({ name, command, args }: Program, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: LEFTOVERS, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${name}: exit status ${code}`))));
  });
}
