/** The output of `rpcdump services`: a table, with refused requests below it, or records, one JSON object a line. */
import type { Service } from '../analysis/services.js';
import type { FrameNumber } from '../rpc/known-programs.js';
import { sanitize } from '../terminal/sanitize.js';
import { styled } from '../terminal/style.js';
import { wrapLine } from '../terminal/wrap.js';
import { nounFor, plural } from '../xdr/plural.js';
import { frameText } from './endpoint.js';
import { type FittedColumn, type FittedTableOptions, fittedTable } from './fitted-table.js';

/** Frames that a row shows, and on a narrow terminal. */
const SHOWN_FRAMES = 3;
const SHOWN_NARROW = 1;

/** Names of the inputs; null: there is one. */
type Files = readonly string[] | null;

export interface ServicesTableOptions extends FittedTableOptions {
  files: Files;
}

const columnsOf = (files: Files): FittedColumn<Service>[] => [
  { title: 'program', isRight: false, least: 8, text: ({ name }) => name ?? '?' },
  { title: 'number', isRight: true, text: ({ program }) => String(program) },
  { title: 'version', isRight: true, text: ({ version }) => (version < 0 ? '?' : String(version)) },
  { title: 'transport', isRight: false, text: ({ transport }) => transport },
  { title: 'address', isRight: false, least: 24, keepsEnd: true, text: ({ address }) => address },
  { title: 'port', isRight: true, text: ({ port }) => (port === null ? '' : String(port)) },
  { title: 'calls', isRight: true, text: ({ calls }) => String(calls) },
  { title: 'replies', isRight: true, text: ({ replies }) => String(replies) },
  { title: 'errors', isRight: true, text: ({ errors }) => String(errors) },
  { title: 'announced in frame', isRight: false, least: 4, text: ({ announced }) => framesText(announced, files) },
];

/** From this width on a terminal has room for all columns with IPv4 addresses. */
const ALL_COLUMNS_FROM = 100;

/**
 * Without replies, because `pending` and `stats` show missing
 * ones, and without the number, which replaces a missing name.
 */
const narrowColumnsOf = (files: Files): FittedColumn<Service>[] =>
  columnsOf(files).flatMap((column): FittedColumn<Service>[] => {
    switch (column.title) {
      case 'program':
        return [{ ...column, text: ({ name, program }) => name ?? String(program) }];
      case 'number':
      case 'replies':
        return [];
      case 'announced in frame':
        return [
          {
            ...column,
            title: 'announced\nin frame',
            least: 9,
            text: ({ announced }) => framesText(announced, files, SHOWN_NARROW),
          },
        ];
      default:
        // As in rpcinfo.
        return [{ ...column, title: { version: 'vers', transport: 'proto' }[column.title] ?? column.title }];
    }
  });

export function servicesTable(services: readonly Service[], options: ServicesTableOptions): string {
  const there = services.filter((service) => service.refused.length === 0);
  const refused = services.filter((service) => service.refused.length > 0);
  const programs = new Set(there.map((service) => service.program)).size;
  const total = `${plural(there.length, 'service')} of ${plural(programs, 'program')}`;
  const isNarrow = options.columns !== null && options.columns < ALL_COLUMNS_FROM;
  const columns = (isNarrow ? narrowColumnsOf : columnsOf)(options.files);
  const table = there.length === 0 ? 'no services\n' : `${fittedTable(there, columns, options)}${total}\n`;
  const refusals = refused.map((service) => {
    const lines = wrapLine(refusalText(service, options.files).split(' '), options.columns);
    return `${styled(lines.trimEnd(), options.styles.warning)}\n`;
  });
  return `${table}${refusals.join('')}`;
}

/** One JSON object a line (schemas/services.schema.json). */
export function servicesRecords(services: readonly Service[], files: Files): string {
  return services.map((service) => `${sanitize(JSON.stringify(recordOf(service, files)))}\n`).join('');
}

function recordOf(service: Service, files: Files): object {
  const { name, program, version, transport, address, port, announced, refused, calls, replies, errors, first } =
    service;
  return {
    ...(name === undefined ? {} : { program: name }),
    program_number: program,
    ...(version < 0 ? {} : { version }),
    transport,
    address,
    port,
    ...framesOf('announced', announced, files),
    ...(refused.length > 0 ? framesOf('refused', refused, files) : {}),
    calls,
    replies,
    errors,
    first_frame: first.frame,
    ...(files === null ? {} : { file: files[first.file] }),
  };
}

/** `announced` and, where there are several inputs, the file of each frame in `announced_files`. */
function framesOf(key: string, frames: readonly FrameNumber[], files: Files): object {
  return {
    [key]: frames.map(({ frame }) => frame),
    ...(files === null ? {} : { [`${key}_files`]: frames.map(({ file }) => files[file]) }),
  };
}

/** `NFS v4 udp was asked for at 10.0.0.2 and is not there: frame 15`. */
function refusalText({ name, program, version, transport, address, refused }: Service, files: Files): string {
  const what = `${name ?? `program ${program}`} v${version} ${transport}`;
  const frames = `${nounFor(refused.length, 'frame')} ${framesText(refused, files)}`;
  return sanitize(`${what} was asked for at ${address} and is not there: ${frames}`);
}

function framesText(frames: readonly FrameNumber[], files: Files, most = SHOWN_FRAMES): string {
  const shown = frames
    .slice(0, most)
    .map(({ frame, file }) => frameText(frame, files?.[file]))
    .join(', ');
  return frames.length > most ? `${shown}, …` : shown;
}
