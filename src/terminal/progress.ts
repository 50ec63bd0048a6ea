/**
 * The progress of a long read: one line on standard error, overwritten in place and erased at the end. Shown only to a
 * person: standard error is a terminal, the input is large, and the messages do not scroll through the same terminal.
 */
import { PROGRESS_BYTES } from '../limits/cli.js';

const INTERVAL_MILLISECONDS = 250;
const ERASE_LINE = '\r\u001b[K';

export interface ProgressState {
  /** Bytes of the inputs that were read, and in all; undefined where the total is not known. */
  read: number;
  total: number | undefined;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Progress {
  // Not `performance`: Node loads it on first use, which would cost 1.5 ms of each start.
  private readonly began = process.uptime();
  private readonly timer: NodeJS.Timeout | undefined;
  private isShown = false;

  /** `state` is asked several times a second until `end`. */
  constructor(
    private readonly state: () => ProgressState,
    private readonly stream: ProgressStream = process.stderr,
  ) {
    const { total } = state();
    if (stream.isTTY !== true || total === undefined || total < PROGRESS_BYTES) return;
    this.timer = setInterval(() => this.show(), INTERVAL_MILLISECONDS).unref();
  }

  /** Erases the line until the next turn, so that another line can be written in its place. */
  hide(): void {
    if (this.isShown) this.stream.write(ERASE_LINE);
    this.isShown = false;
  }

  /** Erases the line for good. */
  end(): void {
    clearInterval(this.timer);
    this.hide();
  }

  private show(): void {
    const { read, total } = this.state();
    this.isShown = true;
    this.stream.write(`${ERASE_LINE}${progressLine(read, total ?? read, process.uptime() - this.began)}`);
  }
}

/** `43 %, 128 of 300 MB, 4 s left`. */
export function progressLine(read: number, total: number, seconds: number): string {
  const share = total === 0 ? 1 : Math.min(1, read / total);
  const left = share === 0 ? Number.NaN : (seconds / share) * (1 - share);
  const rest = Number.isFinite(left) ? `, ${Math.ceil(left)} s left` : '';
  return `${Math.floor(share * 100)} %, ${megabytes(read)} of ${megabytes(total)} MB${rest}`;
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1_000_000).toLocaleString('en');
}
