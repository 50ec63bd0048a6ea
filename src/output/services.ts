/** What `rpcdump services` prints: a table for people, and what was asked for in vain below it; or records, one JSON object a line. */
import { plural } from '../analysis/account.js';
import type { Service } from '../analysis/services.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Style, Styles } from '../terminal/style.js';
import { type TextColumn, textTable } from './text-table.js';

/** Frames that a row shows. */
const SHOWN_FRAMES = 3;

interface Column extends TextColumn {
  text: (service: Service) => string;
}

const COLUMNS: Column[] = [
  { title: 'program', isRight: false, text: ({ name }) => name ?? '?' },
  { title: 'number', isRight: true, text: ({ program }) => String(program) },
  { title: 'version', isRight: true, text: ({ version }) => String(version) },
  { title: 'transport', isRight: false, text: ({ transport }) => transport },
  { title: 'address', isRight: false, text: ({ address }) => address },
  { title: 'port', isRight: true, text: ({ port }) => (port === null ? '' : String(port)) },
  { title: 'calls', isRight: true, text: ({ calls }) => String(calls) },
  { title: 'replies', isRight: true, text: ({ replies }) => String(replies) },
  { title: 'errors', isRight: true, text: ({ errors }) => String(errors) },
  { title: 'announced in frame', isRight: false, text: ({ announced }) => framesText(announced) },
];

export function servicesTable(services: readonly Service[], styles: Styles): string {
  const there = services.filter((service) => service.refused.length === 0);
  const refused = services.filter((service) => service.refused.length > 0);
  const lines = textTable(COLUMNS, there.map(rowOf), styles.heading);
  const programs = new Set(there.map((service) => service.program)).size;
  lines.push(`${plural(there.length, 'service')} of ${plural(programs, 'program')}`);
  for (const service of refused) lines.push(styledLine(refusalText(service), styles.warning));
  return `${lines.join('\n')}\n`;
}

/** One JSON object a line (DESIGN §5, services.schema.json). */
export function servicesRecords(services: readonly Service[]): string {
  return services.map((service) => `${sanitize(JSON.stringify(recordOf(service)))}\n`).join('');
}

function recordOf(service: Service): object {
  const { name, program, version, transport, address, port, announced, refused, calls, replies, errors } = service;
  return {
    ...(name === undefined ? {} : { program: name }),
    program_number: program,
    version,
    transport,
    address,
    port,
    announced,
    ...(refused.length > 0 ? { refused } : {}),
    calls,
    replies,
    errors,
    first_frame: service.firstFrame,
  };
}

function rowOf(service: Service): string[] {
  return COLUMNS.map(({ text }) => sanitize(text(service)));
}

function styledLine(line: string, { open, close }: Style): string {
  return `${open}${line}${close}`;
}

/** `NFS v4 udp was asked for at 10.0.0.2 and is not there: frame 15`. */
function refusalText({ name, program, version, transport, address, refused }: Service): string {
  const what = `${name ?? `program ${program}`} v${version} ${transport}`;
  const frames = refused.length === 1 ? 'frame' : 'frames';
  return sanitize(`${what} was asked for at ${address} and is not there: ${frames} ${framesText(refused)}`);
}

function framesText(frames: readonly number[]): string {
  const shown = frames.slice(0, SHOWN_FRAMES).join(', ');
  return frames.length > SHOWN_FRAMES ? `${shown}, …` : shown;
}
