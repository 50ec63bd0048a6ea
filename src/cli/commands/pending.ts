/**
 * `rpcdump pending`: what hangs: calls without an answer, calls
 * that are repeated, sessions and delegations that are stuck.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { Time } from '../../analysis/account.js';
import { Pending, type PendingReport } from '../../analysis/pending.js';
import type { Frame } from '../../capture/frame.js';
import { durationOf, timeOf } from '../../filter/literal.js';
import { nanosecondsBetween } from '../../network/stamp.js';
import { droppedParts, pendingText } from '../../output/pending.js';
import { pendingRecords } from '../../output/pending-record.js';
import { makeStyles, wantsColor } from '../../terminal/style.js';
import { CaptureRun, type RunOptions } from '../capture-run.js';
import { addInputOptions } from '../options.js';
import { say } from '../problems.js';

interface PendingOptions extends RunOptions {
  at?: At;
  json?: true;
  names: boolean;
}

/** A point in time, or nanoseconds since the first frame. */
type At = Time | number;

const EXAMPLES = `
Examples:
  rpcdump pending capture.pcap             what hangs at the end of the capture
  rpcdump pending --at 12.5s capture.pcap  what hangs after 12.5 seconds
  rpcdump pending --at '2026-11-22 06:46:00.5' capture.pcap
  rpcdump pending -Y 'client == 10.0.0.5' capture.pcap
  rpcdump pending --json capture.pcap | jq -c 'select(.age > 30)'`;

export function addPendingCommand(program: Command, finish: (status: number) => void): void {
  const command = program
    .command('pending')
    .description('Show what hangs: calls without a reply, retry loops, stuck NFSv4 sessions');
  addInputOptions(command)
    .option('--at <time>', 'show the state at this time: in UTC, or an offset from the first frame (12.5s)', atTime)
    .option('--json', 'write one JSON object per line')
    .option('--no-names', 'show file handles instead of the names of files')
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], options: PendingOptions) => finish(await pending(captures, options)));
}

async function pending(captures: string[], options: PendingOptions): Promise<number> {
  const { at } = options;
  const found = new Pending();
  // Set where the capture goes on after `--at`; otherwise the last frame is the end.
  let end: Time | null = null;
  const isBeyond = (frame: Frame, first: Time): boolean => {
    const { seconds, nanoseconds } = timeAt(at!, first);
    if (nanosecondsBetween(seconds, nanoseconds, frame.seconds, frame.nanoseconds) <= 0) return false;
    end = { seconds, nanoseconds };
    return true;
  };
  const hooks = at === undefined ? { names: options.names } : { names: options.names, isBeyond };
  const run = await CaptureRun.openExchanges(captures, options, hooks, found.add);
  const account = await run.read(false);
  // Connections without messages are not what a filter selects.
  const report = found.report(options.displayFilter === undefined ? run.inspection.unopened : null);
  const now = latest(end ?? run.inspection.end, report);
  const { files } = run.inspection;
  const { output } = run;
  const textOptions = {
    styles: makeStyles(wantsColor(options.color, output.isTerminal, process.env)),
    columns: output.columns,
    files: files.length > 1 ? files : null,
    age: ({ seconds, nanoseconds }: Time) => {
      const last = run.inspection.endAfter(seconds + nanoseconds / 1e9) ?? now;
      return nanosecondsBetween(seconds, nanoseconds, last.seconds, last.nanoseconds);
    },
  };
  output.buffer.utf8(options.json ? pendingRecords(report, textOptions) : pendingText(report, textOptions));
  const status = await run.end(account);
  if (options.json) droppedParts(report).forEach(say);
  return status;
}

function timeAt(at: At, first: Time): Time {
  if (typeof at !== 'number') return at;
  const nanoseconds = first.nanoseconds + at;
  const whole = Math.floor(nanoseconds / 1e9);
  return { seconds: first.seconds + whole, nanoseconds: nanoseconds - whole * 1e9 };
}

/**
 * The end of the capture, or the newest call: where the clock ran backwards
 * a call may be newer than the last frame, and no age must be negative.
 */
function latest(end: Time, { calls }: PendingReport): Time {
  const last = calls.at(-1);
  if (last === undefined) return end;
  return nanosecondsBetween(end.seconds, end.nanoseconds, last.seconds, last.nanoseconds) > 0 ? last : end;
}

/** Plain numbers below this are seconds since the first frame (up to three years); from it on, seconds since 1970. */
const LEAST_EPOCH = 100_000_000;

function atTime(text: string): At {
  const literal = { kind: 'word', text, span: { start: 0, end: text.length } } as const;
  const isNumber = /^[\d.]+$/.test(text);
  const duration = isNumber && Number(text) >= LEAST_EPOCH ? undefined : durationOf(literal);
  const at = duration ?? timeOf(literal);
  if (at === undefined || (typeof at === 'number' && at < 0)) {
    throw new InvalidArgumentError("It must be a time such as 12.5s, '2026-11-22 06:46:00.5' or 1795329960.5.");
  }
  return at;
}
