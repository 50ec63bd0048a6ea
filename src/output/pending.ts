/**
 * The text of `rpcdump pending`: tables of waiting calls, loops, connections that did not open, and findings, each if
 * it has rows.
 */
import type { Finding } from '../analysis/findings/finding.js';
import type { PendingReport } from '../analysis/pending.js';
import type { PendingCall } from '../analysis/pending-calls.js';
import type { Moment, RetryLoop } from '../analysis/retry-loops.js';
import { MAX_TABLE_ROWS } from '../limits/output.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { ConnectionState } from '../rpc/connection-state.js';
import type { IcmpNote } from '../rpc/exchange-facts.js';
import type { UnopenedConnection } from '../rpc/unopened-connections.js';
import { wrapLine } from '../terminal/wrap.js';
import { grouped, plural } from '../xdr/plural.js';
import { endpointText, frameText } from './endpoint.js';
import { type FittedColumn, type FittedTableOptions, fittedTable } from './fitted-table.js';
import { icmpErrorText } from './icmp-error.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';
import { ageText } from './units.js';

export interface PendingTextOptions extends FittedTableOptions {
  /** Names of the inputs, where there are several. */
  files: readonly string[] | null;
  /** The age of a moment in nanoseconds. */
  age: (moment: Pick<Moment, 'seconds' | 'nanoseconds'>) => number;
}

const CONNECTION_TEXTS: Record<ConnectionState, string> = {
  open: 'connection open',
  reset: 'connection reset',
  closed: 'connection closed',
  replaced: 'connection replaced by a new one',
  client_closed: 'the client closed its side',
  server_closed: 'the server closed its side',
  server_full: 'the server takes no more bytes (window 0)',
  client_full: 'the client takes no more bytes (window 0)',
};

const ENDED: ReadonlySet<ConnectionState> = new Set(['reset', 'closed', 'replaced']);

export function pendingText(report: PendingReport, options: PendingTextOptions): string {
  const { calls, loops, findings, connections } = report;
  const parts = [
    calls.length === 0
      ? 'no pending calls\n'
      : section(plural(calls.length, 'pending call'), calls, callColumns(options), options),
    loops.length === 0
      ? ''
      : section(
          `${plural(loops.length, 'loop')} of calls that the server is not ready for`,
          loops,
          loopColumns(options),
          options,
        ),
    connections.length === 0
      ? ''
      : section(
          `${plural(
            connections.reduce((sum, { count }) => sum + count, 0),
            'connection',
          )} that did not open`,
          connections,
          connectionColumns(options),
          options,
        ),
    findings.length === 0
      ? ''
      : section(plural(findings.length, 'finding'), findings, findingColumns(options), options),
    remarks(report, options.columns),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  columns: readonly FittedColumn<Row>[],
  options: PendingTextOptions,
): string {
  const more =
    rows.length > MAX_TABLE_ROWS ? `${grouped(rows.length - MAX_TABLE_ROWS)} more: --json has them all\n` : '';
  return `${title}\n${fittedTable(rows.slice(0, MAX_TABLE_ROWS), columns, options)}${more}`;
}

/** The input in which a row begins, where there are several. */
function fileColumn<Row>(files: PendingTextOptions['files'], start: (row: Row) => { file: number }): FittedColumn<Row> {
  const text = (row: Row) => fileText(files, start(row));
  return { title: 'file', isRight: false, isOptional: true, keepsEnd: true, least: 8, text };
}

function callColumns({ files, age }: PendingTextOptions): FittedColumn<PendingCall>[] {
  return [
    fileColumn(files, (call) => call),
    { title: 'frame', isRight: true, text: ({ frame }) => String(frame) },
    { title: 'age', isRight: true, text: (call) => ageText(age(call)) },
    {
      title: 'client → server',
      isRight: false,
      least: 24,
      text: ({ client, server }) => `${endpointText(client)} → ${endpointText(server)}`,
    },
    {
      title: 'call',
      isRight: false,
      least: 20,
      goesBelow: true,
      text: (call) => `${programText(call)} ${whatText(call)}`,
    },
    { title: 'what is known', isRight: false, least: 16, goesBelow: true, text: (call) => knownText(call, files) },
  ];
}

function loopColumns({ files }: PendingTextOptions): FittedColumn<RetryLoop>[] {
  return [
    fileColumn(files, ({ first }) => first),
    { title: 'frames', isRight: true, text: ({ first, last }) => rangeText(first, last, files) },
    { title: 'times', isRight: true, text: ({ count }) => grouped(count) },
    { title: 'over', isRight: true, text: ({ first, last }) => ageText(between(first, last)) },
    {
      title: 'client → server',
      isRight: false,
      least: 20,
      text: ({ client, server }) => `${client.address} → ${server.address}`,
    },
    {
      title: 'call',
      isRight: false,
      least: 20,
      goesBelow: true,
      text: (loop) => `${programText(loop)} ${loop.summary}`,
    },
    { title: 'status', isRight: false, text: ({ status }) => status },
    { title: 'then', isRight: false, least: 12, goesBelow: true, text: (loop) => endText(loop, files) },
  ];
}

function connectionColumns({ files, age }: PendingTextOptions): FittedColumn<UnopenedConnection>[] {
  return [
    fileColumn(files, ({ first }) => first),
    { title: 'frame', isRight: true, text: ({ first }) => String(first.frame) },
    { title: 'age', isRight: true, text: ({ first }) => ageText(age(first)) },
    { title: 'times', isRight: true, text: ({ count }) => grouped(count) },
    {
      title: 'client → server',
      isRight: false,
      least: 20,
      text: ({ client, server }) => `${client} → ${endpointText(server)}`,
    },
    {
      title: 'what is known',
      isRight: false,
      least: 16,
      goesBelow: true,
      text: ({ isRefused }) => (isRefused ? 'refused (RST)' : 'no answer to the SYN'),
    },
  ];
}

function findingColumns({ files }: PendingTextOptions): FittedColumn<Finding>[] {
  return [
    fileColumn(files, ({ first }) => first),
    { title: 'frames', isRight: true, text: ({ first, last }) => rangeText(first, last, files) },
    { title: 'times', isRight: true, text: ({ count }) => grouped(count) },
    { title: 'client → server', isRight: false, least: 20, text: ({ client, server }) => `${client} → ${server}` },
    { title: 'finding', isRight: false, text: ({ rule }) => rule },
    {
      title: 'what it is',
      isRight: false,
      least: 24,
      goesBelow: true,
      text: ({ text, rule, subject }) => (rule === 'sequence_flags' ? `${subject}: ${text}` : text),
    },
  ];
}

function fileText(files: readonly string[] | null, { file }: { file: number }): string {
  return files === null ? '' : files[file];
}

function programText({
  program,
  programNumber,
  version,
}: {
  program: string | undefined;
  programNumber: number;
  version: number;
}): string {
  const name = program ?? (programNumber < 0 ? 'RPC' : String(programNumber));
  return version < 0 ? name : `${name} v${version}`;
}

function whatText({ summary, procedure, procedureNumber }: PendingCall): string {
  if (summary !== '') return summary;
  return procedure ?? (procedureNumber < 0 ? '' : `procedure ${procedureNumber}`);
}

/** The frames of a row whose first column names the file of the first. */
function rangeText(first: Moment, last: Moment, files: PendingTextOptions['files']): string {
  const isOther = first.file !== last.file;
  if (first.frame === last.frame && !isOther) return String(first.frame);
  return `${first.frame}–${frameText(last.frame, isOther ? files?.[last.file] : undefined)}`;
}

function between(first: Moment, last: Moment): number {
  return nanosecondsBetween(first.seconds, first.nanoseconds, last.seconds, last.nanoseconds);
}

function endText({ end, endStatus, first }: RetryLoop, files: PendingTextOptions['files']): string {
  if (end === null) return 'no other answer';
  const frame = frameText(end.frame, end.file === first.file ? undefined : files?.[end.file]);
  return `${endStatus ?? 'another answer'} in frame ${frame}`;
}

/** The outcome; empty where the state of the connection, or the part of a reply that came, says the same. */
function outcomeText({ outcome, connectionState }: PendingCall): string {
  const isSaid = outcome === 'answered' || outcome === 'lost_to_capture' || outcome === 'connection_ended';
  return isSaid || (outcome === 'open_at_end' && connectionState !== null) ? '' : UNANSWERED_TEXTS[outcome];
}

/** A server that never answered a call did so before its connection ended. */
function connectionText({ outcome, connectionState }: PendingCall): string {
  if (connectionState === null) return '';
  const isLater = outcome === 'never_answered' && ENDED.has(connectionState);
  return `${CONNECTION_TEXTS[connectionState]}${isLater ? ' later' : ''}`;
}

/** Possible reasons why there is no reply, the most serious first. */
function knownText(call: PendingCall, files: PendingTextOptions['files']): string {
  const { slot, icmpError, gssObjection } = call;
  const parts = [
    outcomeText(call),
    connectionText(call),
    icmpError === null ? '' : icmpText(icmpError, call, files),
    gssObjection === null ? '' : `seq_num ${gssObjection}`,
    call.hasIncompleteReply ? 'only a part of a reply came' : '',
    call.retransmissions > 0 ? plural(call.retransmissions, 'retransmission') : '',
    call.tcpRetransmissions > 0 ? plural(call.tcpRetransmissions, 'TCP retransmission') : '',
    slot === null ? '' : `session slot ${slot.slot} seq ${slot.sequence}`,
    ...call.notes,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function icmpText(error: IcmpNote, { file, server }: PendingCall, files: PendingTextOptions['files']): string {
  const where = frameText(error.frame, error.file === file ? undefined : files?.[error.file]);
  return `ICMP error in frame ${where}: ${icmpErrorText(error, server)}`;
}

/** What the tables do not show. */
function remarks(report: PendingReport, columns: number | null): string {
  const lines = remarksOf([
    [report.lostToCapture, 'call', 'whose reply may be lost to the capture'],
    [report.silent, 'call', 'that a server may leave without a reply'],
  ]);
  return [...lines, ...droppedParts(report)].map((line) => wrapLine(line.split(' '), columns)).join('');
}

/** What the report lacks, to bound memory, a line each; empty when it has everything. */
export function droppedParts({ dropped }: PendingReport): string[] {
  return remarksOf([
    [dropped.calls, 'pending call', 'beyond the most that are kept, younger than these'],
    [dropped.loops, 'loop', 'beyond the most that are kept, with no more replies than these'],
    [dropped.refusals, 'refusal', 'of calls in loops beyond the most that are followed'],
    [dropped.findings, 'finding', 'beyond the most that are kept'],
    [dropped.connections, 'connection', 'that did not open, beyond the most that are kept'],
    [dropped.states, 'state', 'of clients and servers beyond the most that a rule of findings watches'],
  ]);
}

function remarksOf(lines: readonly [count: number, noun: string, rest: string][]): string[] {
  return lines.filter(([count]) => count > 0).map(([count, noun, rest]) => `${plural(count, noun)} ${rest}`);
}
