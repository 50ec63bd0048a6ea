/** Runs captures through the whole pipeline in this process and gives what `rpcdump` would print: lines, trees, records. */
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dissection, DissectorLibrary, Inspection } from '../../src/index.js';
import { type ListOptions, ListWriter } from '../../src/output/list.js';
import { RecordWriter } from '../../src/output/record.js';
import { TimeColumn } from '../../src/output/time.js';
import { TreeWriter } from '../../src/output/tree.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import { parseLines } from './lines.js';

export const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));
export const INVENTORY = join(FIXTURES, 'captures/custom/inventory.x');

export const FORMATS = ['list', 'tree', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

/** Built-in dissectors and the inventory program, whose calls are in several fixtures. */
export const library = new DissectorLibrary([INVENTORY]);

/** `program/name` of a fixture capture, by which its goldens and tables are called. */
export function nameOf(capture: string): string {
  return `${basename(dirname(capture))}/${basename(capture).replace(/\.[^.]*$/, '')}`;
}

/** The output of one format, at most `count` messages of it; lines as a terminal of so many `columns` has them. */
export async function render(
  capture: string,
  format: Format,
  {
    count = Number.POSITIVE_INFINITY,
    columns = null as number | null,
    files = null as string[] | null,
    isColored = false,
  } = {},
): Promise<string> {
  const buffer = new ByteWriter();
  let shown = 0;
  const inspection: Inspection = await Inspection.open([capture], { library, onProblem: failOn }, (dissection) => {
    write(dissection);
    if (++shown === count) inspection.stop();
  });
  const write = writerOf(inspection, format, buffer, { columns, files, styles: makeStyles(isColored) });
  await inspection.run();
  return buffer.toString();
}

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
export async function records(capture: string): Promise<any[]> {
  return parseLines(await render(capture, 'ndjson'));
}

function writerOf(
  inspection: Inspection,
  format: Format,
  buffer: ByteWriter,
  terminal: Pick<ListOptions, 'columns' | 'files' | 'styles'>,
): (dissection: Dissection) => void {
  const { dissector } = inspection;
  if (format === 'tree') {
    const tree = new TreeWriter(buffer, dissector, terminal.styles, null);
    return (dissection) => tree.write(dissection);
  }
  if (format === 'list') {
    const list = new ListWriter(buffer, dissector, {
      time: new TimeColumn('r', () => inspection.first),
      ...terminal,
    });
    return (dissection) => list.write(dissection);
  }
  const hasInterfaces = (file: number) => inspection.hasInterfaces(file);
  const options = { files: null, hasInterfaces, int64Strings: false, payload: false };
  const writer = new RecordWriter(buffer, dissector, options);
  return (dissection) => {
    writer.write(dissection);
    buffer.byte(0x0a);
  };
}

function failOn(problem: { file: string; message: string }): never {
  throw new Error(`${problem.file}: ${problem.message}`);
}
