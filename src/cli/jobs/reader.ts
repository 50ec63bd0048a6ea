/**
 * The main thread of `--jobs`: it makes the ordered pass up to messages, and passes these as units, in
 * blocks, to the thread that writes. When that thread falls behind, the main thread renders what it
 * can: units of the block that it is filling, and, while no block is free, units of blocks that wait.
 * With more than two jobs, other threads render too. An error in any thread ends the main thread.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DissectorLibrary } from '../../dissect/library.js';
import type { Inspection } from '../../index.js';
import { MAX_WAITING_UNIT_BLOCKS, SPARE_UNIT_BLOCKS, UNIT_BLOCK } from '../../limits/cli.js';
import { MAX_EXCHANGES } from '../../limits/rpc.js';
import type { Message } from '../../rpc/message.js';
import { UnitWriter } from '../../rpc/unit-writer.js';
import { UsageError } from '../exit.js';
import type { RenderTask } from './rendering.js';
import { UnitAhead } from './unit-ahead.js';
import { UnitBlocks } from './unit-blocks.js';
import { NOTHING, type OutputReport } from './unit-output.js';

/** In the folder of main.cjs, where the build puts it. */
const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));

/** The data that a thread is started with. */
export interface WorkerTask {
  role: 'output' | 'ahead';
  memory: SharedArrayBuffer;
  task: RenderTask;
}

/** The data that a thread sends at its end. */
export interface WorkerReport extends OutputReport {
  /** Why it could not go on. */
  error?: { isUsage: boolean; text: string };
}

export class UnitsReader {
  private readonly blocks = new UnitBlocks();
  private readonly writer = new UnitWriter(MAX_EXCHANGES);
  /** The block that is being filled. */
  private block = 0;
  /** Blocks before this one are known to be free, or are filled; only this thread fills blocks. */
  private free = 0;
  /** A message too large for a block is in its own memory, which the writing thread may still use. */
  private hasApart = false;
  private shown = 0;
  private apart: Uint8Array = new Uint8Array(0);
  private readonly output: Worker;
  private readonly reports: Promise<WorkerReport>[];
  private ahead!: UnitAhead;
  /** The first block that was not free when last checked, and how many may wait before this thread renders too. */
  private waiting = 0;
  private readonly patience: number;
  /** The units of the current block are rendered as they are written. */
  private isRendering = false;

  private constructor(
    jobs: number,
    private readonly inspection: Inspection,
    private readonly task: RenderTask,
  ) {
    this.patience = MAX_WAITING_UNIT_BLOCKS * (jobs - 1);
    this.output = this.newWorker('output');
    const others = Array.from({ length: jobs - 2 }, () => this.newWorker('ahead'));
    this.reports = [this.output, ...others].map((worker) => this.reportOf(worker));
    this.writer.begin(this.blocks.unitsOf(0));
  }

  /** Starts the other threads. @param library The library of the main thread. */
  static async start(
    jobs: number,
    inspection: Inspection,
    task: RenderTask,
    library: DissectorLibrary,
  ): Promise<UnitsReader> {
    const reader = new UnitsReader(jobs, inspection, task);
    reader.ahead = await UnitAhead.start(reader.blocks, task, library);
    return reader;
  }

  /** Passes a message on. */
  take(message: Message): void {
    const { blocks, writer, inspection, task } = this;
    const isApart = message.have > UNIT_BLOCK / 2;
    if (isApart) this.putApart(message);
    const isFull = !writer.hasRoom(message, isApart);
    if (isFull) this.nextBlock();
    // `nextBlock` and `putApart` also return when the threads stop; then the block is not free.
    if ((isFull || isApart) && blocks.isStopped) return inspection.stop();
    if (this.shown === 0) blocks.setFirst(inspection.first);
    writer.write(message, { hasInterfaces: inspection.hasInterfaces(message.file), isApart });
    if (this.isRendering) this.ahead.renderWritten(writer.unit, message);
    if (++this.shown === task.options.count) inspection.stop();
  }

  /** Reads to the end. It waits for room between frames, so that Ctrl-C and the end of a thread are noticed. */
  async read(): Promise<void> {
    const { blocks, inspection } = this;
    for await (const _ of inspection.turns(() => !this.hasRoom)) {
      while (!this.hasRoom && !blocks.isStopped) {
        // The large message must be written before there is room for another one.
        if (this.hasApart && this.writer.length > 0 && blocks.isFree(this.block + 1)) this.nextBlock();
        else if (!this.help()) blocks.awaitFree(this.hasApart ? this.block + 1 : this.block + SPARE_UNIT_BLOCKS);
        await turn();
      }
      if (blocks.isStopped) inspection.stop();
    }
  }

  /** Waits until everything is written. @throws The error that ended a thread. */
  async end(): Promise<OutputReport> {
    const { blocks } = this;
    if (this.writer.length > 0) this.nextBlock();
    this.isRendering = false;
    blocks.end();
    while (this.help()) await turn();
    const reports = await Promise.all(this.reports);
    const error = reports.find((report) => report.error !== undefined)?.error;
    if (error?.isUsage) throw new UsageError(error.text);
    if (error !== undefined) throw new ThreadError(error.text);
    return reports[0];
  }

  /**
   * True if enough blocks are free for the messages of nearly any frame. If
   * a frame has more messages, this thread waits without noticing events.
   */
  private get hasRoom(): boolean {
    const { blocks, block } = this;
    if (this.hasApart) this.hasApart = blocks.isApartBusy;
    const last = block + SPARE_UNIT_BLOCKS;
    // Blocks are freed in order.
    if (this.free <= last && blocks.isFree(last)) this.free = last + 1;
    return this.free > last && !this.hasApart;
  }

  /** Passes the block on, and goes to the next one as soon as it is free. */
  private nextBlock(): void {
    const { blocks, writer, ahead } = this;
    blocks.fill(this.block++, writer.length, this.isRendering);
    this.isRendering = false;
    while (!blocks.isFree(this.block) && !blocks.isStopped) {
      if (!this.help()) blocks.awaitFree(this.block);
    }
    writer.begin(blocks.unitsOf(this.block));
    this.isRendering = ahead.isAble && this.isOutputBehind;
    if (this.isRendering) ahead.begin(this.block);
  }

  private get isOutputBehind(): boolean {
    // Blocks are freed in order.
    while (this.waiting < this.block && this.blocks.isFree(this.waiting)) this.waiting++;
    return this.block - this.waiting >= this.patience;
  }

  /** Renders units of a waiting block; false where none waits, or the renderer is in use for the current block. */
  private help(): boolean {
    return !this.isRendering && this.ahead.help();
  }

  /** Copies a large message to its own memory, after the previous one there has been written. */
  private putApart({ bytes, start, end, have }: Message): void {
    const { blocks } = this;
    if (blocks.isApartBusy && this.writer.length > 0) this.nextBlock();
    while (blocks.isApartBusy && !blocks.isStopped) if (!this.help()) blocks.awaitApart();
    if (this.apart.length < have) {
      const memory = new SharedArrayBuffer(2 ** Math.ceil(Math.log2(have)));
      this.apart = new Uint8Array(memory);
      this.output.postMessage(memory);
    }
    this.apart.set(bytes.subarray(start, end));
    this.hasApart = true;
    blocks.setApartBusy(true);
  }

  private newWorker(role: WorkerTask['role']): Worker {
    const workerData: WorkerTask = { role, memory: this.blocks.memory, task: this.task };
    return new Worker(WORKER, { workerData });
  }

  /** A thread's report; an exit without one is an error too. */
  private reportOf(worker: Worker): Promise<WorkerReport> {
    return new Promise((resolve) => {
      const fail = (text: string) => {
        this.blocks.stop();
        resolve({ ...NOTHING, error: { isUsage: false, text } });
      };
      worker.on('message', resolve);
      worker.on('error', (error) => fail(error.stack ?? error.message));
      worker.on('exit', () => fail('a thread ended before its time'));
    });
  }
}

/** Lets the event loop run once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An error of another thread; `stack` is that thread's. */
class ThreadError extends Error {
  constructor(text: string) {
    super(text);
    this.stack = text;
  }
}
