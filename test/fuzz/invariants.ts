/**
 * What must hold for any input: no exception but none at all, all outputs agree on the messages, generated code writes what the interpreter
 * writes, every record is as its schema says, nothing that a terminal would act on is printed, and the time is bounded. `command-lines.ts` asks
 * the program itself.
 */
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Filter } from '../../src/filter/filter.js';
import { type Dissection, type DissectorLibrary, Inspection } from '../../src/index.js';
import { accountRecord, accountText } from '../../src/output/account.js';
import { HexWriter } from '../../src/output/hex.js';
import { ListWriter } from '../../src/output/list.js';
import { RecordWriter } from '../../src/output/record.js';
import { TimeColumn } from '../../src/output/time.js';
import { TreeWriter } from '../../src/output/tree.js';
import { makeStyles } from '../../src/terminal/style.js';
import { ByteWriter, UNSAFE } from '../../src/xdr/byte-writer.js';
import type { Random } from '../helpers/random.js';

/**
 * Milliseconds of CPU that all passes over one input may take: a floor for code that compiles on first sight, and a share for each byte,
 * some hundred times what an undamaged capture takes. Quadratic behaviour on a few kilobytes passes it by far.
 */
const FLOOR_MILLISECONDS = 8000;
const MILLISECONDS_PER_BYTE = 0.1;

const schemaOf = (name: string) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'));
const ajv = new Ajv2020({ allErrors: false, strictTypes: false, strictRequired: false });
const isRecord = ajv.compile(schemaOf('record.schema.json'));
const isAccount = ajv.compile(schemaOf('schemas/account.schema.json'));

export interface Verdict {
  /** What did not hold; empty for a good run. */
  violations: string[];
  messages: number;
  milliseconds: number;
}

type Format = 'list' | 'tree' | 'generated' | 'interpreted';

interface Pass {
  text: string;
  messages: number;
  account: string;
  /** Which messages `-Y malformed` selects, of the list. */
  malformed: boolean[];
}

/** Gives the capture to every output and compares what they say. */
export async function judge(capture: Buffer, library: DissectorLibrary, random: Random): Promise<Verdict> {
  const began = process.cpuUsage();
  const violations: string[] = [];
  const passes: Partial<Record<Format, Pass>> = {};
  for (const format of ['list', 'tree', 'generated', 'interpreted'] as const) {
    try {
      // One of the passes gets the same bytes in pieces, or compressed.
      passes[format] = await pass(format === 'list' ? pieces(capture, random) : [capture], format, library);
    } catch (error) {
      violations.push(`${format}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  const { user, system } = process.cpuUsage(began);
  const milliseconds = (user + system) / 1000;
  if (violations.length === 0) compare(passes as Record<Format, Pass>, violations);
  const bound = FLOOR_MILLISECONDS + MILLISECONDS_PER_BYTE * capture.length;
  if (milliseconds > bound) violations.push(`time: ${Math.round(milliseconds)} ms for ${capture.length} bytes`);
  return { violations, messages: passes.list?.messages ?? 0, milliseconds };
}

function compare({ list, tree, generated, interpreted }: Record<Format, Pass>, violations: string[]): void {
  const counts = [list, tree, generated, interpreted].map(({ messages }) => messages);
  if (new Set(counts).size > 1) violations.push(`messages: list, tree, generated, interpreted have ${counts}`);
  if (new Set([list, tree, generated, interpreted].map(({ account }) => account)).size > 1) {
    violations.push('the accounts differ');
  }
  if (generated.text !== interpreted.text)
    violations.push(`JSON differs: ${difference(generated.text, interpreted.text)}`);
  const rows = list.text.split('\n').length - 1;
  if (rows !== list.messages) violations.push(`the list has ${rows} lines for ${list.messages} messages`);
  for (const [name, { text }] of Object.entries({ list, tree, generated })) {
    const unsafe = text.replaceAll('\n', '').match(UNSAFE);
    if (unsafe !== null) violations.push(`${name}: prints U+${unsafe[0].codePointAt(0)?.toString(16)}`);
  }
  const lines = list.text.split('\n');
  for (const [index, text] of generated.text.split('\n').slice(0, -1).entries()) {
    const record = checkRecord(text, violations);
    checkFault(record, lines[index], list.malformed[index], violations);
  }
}

/** What is wrong with a message, all say of the same ones. */
function checkFault(record: unknown, line: string, isSelected: boolean, violations: string[]): void {
  const isMalformed = record !== null && (record as { malformed?: object }).malformed !== undefined;
  if (isMalformed !== line.includes(' [malformed '))
    violations.push(`malformed by ${isMalformed ? 'the record' : 'the line'} alone: ${line}`);
  if (isMalformed !== isSelected) violations.push(`-Y malformed ${isSelected ? 'selects' : 'leaves out'} ${line}`);
}

/** The record of a line of JSON; null where it is none. */
function checkRecord(line: string, violations: string[]): unknown {
  try {
    const record: unknown = JSON.parse(line);
    if (isRecord(record)) return record;
    const [first] = isRecord.errors ?? [];
    violations.push(`record: ${first?.instancePath} ${first?.message} in ${line.slice(0, 300)}`);
  } catch (error) {
    violations.push(`record: ${error} in ${line.slice(0, 300)}`);
  }
  return null;
}

async function pass(chunks: readonly Buffer[], format: Format, library: DissectorLibrary): Promise<Pass> {
  const out = new ByteWriter();
  const malformed: boolean[] = [];
  let messages = 0;
  let isSelected: (dissection: Dissection) => boolean = () => false;
  let write: (dissection: Dissection) => void = () => {};
  const inspection = await Inspection.open(['-'], { library, stdin: Readable.from(chunks) }, (dissection) => {
    messages++;
    malformed.push(isSelected(dissection));
    write(dissection);
  });
  if (format === 'list') isSelected = new Filter('malformed', { library }).forMessages(inspection.dissector);
  write = writerOf(format, inspection, out);
  const account = await inspection.run();
  const record = accountRecord(account, inspection.files);
  if (!isAccount(JSON.parse(record))) throw new Error(`account: ${JSON.stringify(isAccount.errors)}`);
  if (account.rpc.messages !== messages) throw new Error(`account: ${account.rpc.messages} of ${messages} messages`);
  return { text: out.toString(), messages, account: accountText(account, inspection.files), malformed };
}

function writerOf(format: Format, inspection: Inspection, out: ByteWriter): (dissection: Dissection) => void {
  const { dissector } = inspection;
  const styles = makeStyles(false);
  if (format === 'list') {
    const time = new TimeColumn('r', () => inspection.first);
    const list = new ListWriter(out, dissector, { styles, time, files: null, columns: null });
    return (dissection) => list.write(dissection);
  }
  if (format === 'tree') {
    const tree = new TreeWriter(out, dissector, styles, null);
    const hex = new HexWriter(out, dissector, styles);
    return (dissection) => {
      tree.write(dissection);
      hex.write(dissection);
    };
  }
  const records = new RecordWriter(out, dissector, {
    files: null,
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: false,
    payload: true,
    codegen: format === 'generated',
  });
  return (dissection) => {
    records.write(dissection);
    out.byte(0x0a);
  };
}

/** The same bytes as a pipe may bring them. */
function pieces(capture: Buffer, random: Random): Buffer[] {
  const whole = random.below(4) === 0 && capture.length > 0 ? gzipSync(capture, { level: 1 }) : capture;
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const size = 1 + random.below(random.oneOf([8, 100, 5000, 100_000]));
    chunks.push(whole.subarray(at, at + size));
    at += size;
  }
  return chunks.length === 0 ? [whole] : chunks;
}

function difference(one: string, other: string): string {
  const [a, b] = [one.split('\n'), other.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `\n  ${a[at]?.slice(0, 600)}\n  ${b[at]?.slice(0, 600)}`;
}
