/**
 * What large captures and live ones ask of rpcdump: memory on a capture of 1 GB and on 500 connections at once, and how long after its
 * frame a message is printed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchInput, makeInput, makeOnce, sources, usualSource } from './inputs.js';
import { interleave } from './interleave.js';
import { measure, median } from './measure.js';
import { RPCDUMP } from './places.js';
import { rpcdump } from './programs.js';
import { count, megabytes, seconds, tableText } from './table.js';

const LARGE = 1e9;
/** Connections at once. */
export const CLIENTS = 500;
const FRAMES_A_CLIENT = 800;
const LIVE_FRAMES = 40;
/** Milliseconds between frames, and for the program to start: a live capture is older than its first message. */
const PAUSE = 25;
const START = 1500;
const FILE_HEADER = 24;

export async function benchScale(quick: boolean): Promise<void> {
  const single = await makeInput(usualSource());
  const times = quick ? 2 : Math.ceil(LARGE / single.bytes);
  const rows: string[][] = [];
  for (const input of [await makeInput(usualSource(), times), await makeInterleaved(quick ? 50 : CLIENTS)]) {
    for (const product of ['headers', 'list', 'json']) {
      const { user, wall, rss } = measure(rpcdump(product, input.path));
      rows.push([
        input.name,
        product,
        megabytes(input.bytes),
        count(input.frames),
        seconds(user),
        seconds(wall),
        megabytes(rss),
      ]);
    }
  }
  console.log('\nScale\n');
  console.log(tableText(['input', 'product', 'MB', 'frames', 'user s', 'wall s', 'peak RSS MB'], rows));
}

/** The frames of as many clients at once. */
export async function makeInterleaved(clients: number): Promise<BenchInput> {
  const name = `${usualSource()}-${clients}-clients`;
  const source = sources().get(usualSource())!;
  return makeOnce(name, source.path, (path) => interleave(source.path, path, clients, FRAMES_A_CLIENT));
}

/** Frames are written to a pipe one by one; each time until something is printed is taken. */
export async function benchLive(): Promise<void> {
  const { path } = await makeInput(usualSource(), 1, 10 * LIVE_FRAMES);
  const rows: string[][] = [];
  for (const [name, args] of [
    ['list', []],
    ['tree', ['-V']],
    ['json', ['--json']],
  ] as const) {
    const delays = await liveDelays(readFileSync(path), args);
    rows.push([
      name,
      count(delays.length),
      ...[delays[0], median(delays), Math.max(...delays)].map((each) => each.toFixed(1)),
    ]);
  }
  console.log('\nLive: milliseconds from a frame to its message\n');
  console.log(tableText(['format', 'messages', 'first', 'median', 'most'], rows));
}

async function liveDelays(capture: Buffer, args: readonly string[]): Promise<number[]> {
  const child = spawn(process.execPath, [RPCDUMP, ...args, '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const delays: number[] = [];
  let written = 0;
  child.stdout.on('data', () => {
    if (written > 0) delays.push(performance.now() - written);
    written = 0;
  });
  child.stdin.write(capture.subarray(0, FILE_HEADER));
  await wait(START);
  for (let at = FILE_HEADER; at < capture.length && delays.length < LIVE_FRAMES; ) {
    const end = at + 16 + capture.readUInt32LE(at + 8);
    written = performance.now();
    child.stdin.write(capture.subarray(at, end));
    at = end;
    await wait(PAUSE);
  }
  child.stdin.end();
  await once(child, 'close');
  return delays;
}
