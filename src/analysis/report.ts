/**
 * The data of an HTML report: exchanges by procedure, client and file, response times over
 * time, and single response times. All are counted in one pass and in bounded memory.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { FileSubjects } from '../dissect/names/file-subjects.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { CALL } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { LatencySample } from './latency-sample.js';
import { LatencySeries } from './latency-series.js';
import { rpcError, Statistics } from './statistics.js';
import type { StatisticsRow } from './statistics-row.js';

/** One exchange with its response time. */
export interface ReportPoint {
  /** Seconds from the first call of the capture to this one; nanoseconds from this call to its reply. */
  seconds: number;
  elapsed: number;
  procedure: StatisticsRow;
  isError: boolean;
  status: string;
  client: string;
  file: string;
  callFrame: number;
  frame: number;
  /** Indices of the inputs that have these frames. */
  callFile: number;
  replyFile: number;
}

export class Report {
  readonly procedures: Statistics;
  readonly clients: Statistics;
  readonly files: Statistics;
  readonly series = new LatencySeries();
  readonly sample = new LatencySample<ReportPoint>();
  /** The reply from which `makePoint` makes a point, if the sample keeps it. */
  private answer: Dissection | null = null;

  constructor(
    private readonly exchanges: () => ExchangeTable,
    subjects: FileSubjects | null,
  ) {
    const options = { by: [], interval: undefined };
    this.procedures = new Statistics(exchanges, options);
    this.clients = new Statistics(exchanges, { ...options, by: ['client'], totals: true });
    this.files = new Statistics(exchanges, { ...options, by: ['file'], totals: true, subjects });
  }

  /** Takes the message that was dissected last. */
  add(dissection: Dissection): void {
    this.procedures.add(dissection);
    this.clients.add(dissection);
    this.files.add(dissection);
    const { message } = dissection;
    if (message.type !== CALL && message.isAnswer && message.elapsed >= 0) this.addTime(dissection);
  }

  /** Takes an exchange that ended without a reply. */
  addUnanswered(exchange: number, outcome: UnansweredOutcome): void {
    this.procedures.addUnanswered(exchange, outcome);
    this.clients.addUnanswered(exchange, outcome);
    this.files.addUnanswered(exchange, outcome);
  }

  private addTime(dissection: Dissection): void {
    const { elapsed, exchange } = dissection.message;
    if (this.procedures.countedAt(exchange) === undefined) return;
    this.series.add(this.secondsOf(exchange), elapsed);
    this.answer = dissection;
    this.sample.add(elapsed, this.makePoint);
  }

  private secondsOf(exchange: number): number {
    return this.exchanges().callTimeOf(exchange) - this.procedures.first;
  }

  private readonly makePoint = (): ReportPoint => {
    const { message, error, status } = this.answer!;
    const { elapsed, exchange } = message;
    return {
      seconds: this.secondsOf(exchange),
      elapsed,
      procedure: this.procedures.countedAt(exchange)!,
      isError: error === true,
      status: rpcError(message) ?? status ?? '',
      client: this.clients.countedAt(exchange)?.key.by[0] ?? '',
      file: this.files.countedAt(exchange)?.key.by[0] ?? '',
      callFrame: message.callFrame,
      frame: message.frame,
      callFile: message.callFile,
      replyFile: message.file,
    };
  };
}
