/**
 * Writes leaves as text for people: enum names, file handles as Wireshark's CRC-32, modes in octal, times as dates. One
 * table of formats serves hints (`show`), templates (`{path|format}`) and the tree. The text is not yet safe for a
 * terminal: `terminal/sanitize.ts` escapes it at the exit.
 */
import { isUtf8 } from 'node:buffer';
import { MAX_SHOWN_BYTES, MAX_SHOWN_ELEMENTS, MAX_SHOWN_TEXT } from '../limits/xdr.js';
import { formatAddress, formatIpv4, parseUniversalAddress, readAddress } from './address.js';
import type { ByteWriter } from './byte-writer.js';
import { padded, read16, read32, readInt32 } from './bytes.js';
import { crc16 } from './crc16.js';
import { crc32 } from './crc32.js';
import { floatText } from './json.js';
import { readMechanism } from './mechanism.js';
import {
  type ArrayPlan,
  type BitmapPlan,
  endOfText,
  enumText,
  leastSize,
  type NumberPlan,
  type OpaquePlan,
  type Plan,
  type StringPlan,
  type StructPlan,
  setBits,
} from './plan.js';
import { byteCount } from './plural.js';
import { socketAddressText } from './socket-address.js';

/** The name of a program by its number, from the dissectors that are known. */
export type ProgramNames = (number: number) => string | undefined;

/** The meaning of port 0 from a port mapper, and of an empty address from rpcbind (RFC 1833). */
const NOT_REGISTERED = 'not registered';

/** Formats of whole numbers; each writes `value`. */
const FORMATS: Record<string, (out: ByteWriter, value: number, names: ProgramNames) => void> = {
  hex: (out, value) => out.ascii(`0x${value.toString(16)}`),
  octal: (out, value) => out.ascii(value === 0 ? '0' : `0${value.toString(8)}`),
  octet: (out, value) => out.integer(value & 0xff),
  time: (out, value) => out.ascii(dateText(value)),
  duration: (out, value) => out.ascii(durationText(value)),
  address: (out, value) => out.ascii(formatIpv4(value)),
  port: (out, value) => out.integer(value),
  registration: (out, value) => (value === 0 ? out.ascii(NOT_REGISTERED) : out.ascii(`port ${value}`)),
  size: (out, value) => out.ascii(sizeText(value)),
  load: (out, value) => out.ascii((value / 256).toFixed(2)),
  protocol: (out, value) => out.ascii(value === 6 ? 'tcp' : value === 17 ? 'udp' : String(value)),
  program: (out, value, names) => out.utf8(names(value) ?? String(value)),
};

/** Formats that show negative values, of signed types. */
const AMOUNTS: ReadonlySet<string> = new Set(['time', 'duration', 'size', 'load']);

export function isFormat(name: string): boolean {
  return ['', 'count', 'flag', 'handle'].includes(name) || Object.hasOwn(FORMATS, name);
}

/** What writing a leaf needs besides: the message's bytes, and names of programs. */
export interface TextContext {
  bytes: Uint8Array;
  programs: ProgramNames;
  /** Writes the path of the file whose handle is `bytes[start..end)`, or the handle's hash; false when it is not known. */
  writeHandle?(out: ByteWriter, start: number, end: number): boolean;
}

/**
 * Writes the leaf at `at`, the offset of its length prefix where it has one. `count` is that of an array or list.
 * `name` is the field's own name, for the format `flag`; a false flag writes nothing.
 */
export function writeText(
  out: ByteWriter,
  context: TextContext,
  plan: Plan,
  format: string,
  at: number,
  count: number,
  name: string,
): void {
  const { bytes } = context;
  if (format === 'flag') return writeFlag(out, plan, bytes, at, name);
  switch (plan.kind) {
    case 'int':
      return writeNumber(out, plan, format, readInt32(bytes, at), context.programs);
    case 'unsigned':
      return writeNumber(out, plan, format, read32(bytes, at), context.programs);
    case 'hyper':
    case 'unsignedHyper':
      return writeHyper(out, plan, format, read32(bytes, at), read32(bytes, at + 4));
    case 'float':
    case 'double':
      return out.ascii(floatAt(plan.kind, bytes, at));
    case 'quadruple':
      return out.hex(bytes, at, at + 16);
    case 'bool':
      return out.ascii(read32(bytes, at) !== 0 ? 'true' : 'false');
    case 'enum':
      return out.ascii(enumText(plan, readInt32(bytes, at)));
    case 'string':
      return writeString(out, plan, format, bytes, at + 4, at + 4 + read32(bytes, at));
    case 'opaque':
      return writeOpaque(out, context, plan, format, at);
    case 'body':
    case 'typed':
    case 'chosen':
      return out.ascii(byteCount(read32(bytes, at)));
    case 'bitmap':
      return writeBits(out, plan, format, bytes, at);
    case 'rest':
      return out.ascii('unknown');
    case 'array':
      return writeArray(out, context, plan, format, at, count);
    case 'list':
    case 'dictionary':
      return out.integer(count);
    case 'struct':
      return plan.display?.kind === 'stateid' ? writeStateid(out, bytes, at) : writeTime(out, plan, bytes, at);
    default:
      return;
  }
}

/** True for a value that means "none" (hint `unset`): a number, or a struct by its first field. */
export function isUnset(plan: Plan, bytes: Uint8Array, at: number): boolean {
  if (!('unset' in plan) || plan.unset === undefined) return false;
  const first = plan.kind === 'struct' ? plan.fields[0].plan : plan;
  if (leastSize(first) === 8) return BigInt.asUintN(64, plan.unset) === word64(bytes, at);
  return BigInt.asUintN(32, plan.unset) === BigInt(read32(bytes, at));
}

function word64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(read32(bytes, at)) << 32n) | BigInt(read32(bytes, at + 4));
}

function writeNumber(out: ByteWriter, plan: NumberPlan, format: string, value: number, programs: ProgramNames): void {
  const { display } = plan;
  if (format !== '' && Object.hasOwn(FORMATS, format)) writeFormatted(out, plan, format, value, programs);
  else if (display === undefined) out.signed(value);
  else if (display.kind === 'enum') out.ascii(display.names.get(value) ?? String(value));
  else if (display.kind === 'flags') out.ascii(flagsText(display.names, value));
  else writeFormatted(out, plan, display.kind, value, programs);
}

function writeFormatted(
  out: ByteWriter,
  plan: NumberPlan,
  format: string,
  value: number,
  programs: ProgramNames,
): void {
  FORMATS[format](out, plan.kind === 'int' && AMOUNTS.has(format) ? value : value >>> 0, programs);
}

function writeHyper(out: ByteWriter, plan: NumberPlan, format: string, high: number, low: number): void {
  const kind = format === '' ? plan.display?.kind : format;
  const top = plan.kind === 'hyper' ? high | 0 : high;
  const isSmall = Math.abs(top) < 0x200000;
  const value = top * 0x100000000 + low;
  if (kind === 'hex') out.ascii(`0x${((BigInt(high) << 32n) | BigInt(low)).toString(16)}`);
  else if (kind === 'size' && isSmall) out.ascii(sizeText(value));
  else if (kind === 'time' && isSmall) out.ascii(dateText(value));
  else if (kind === 'duration' && isSmall) out.ascii(durationText(value));
  else if (plan.kind === 'hyper') out.signed64(high, low);
  else out.unsigned64(high, low);
}

/** Writes the field's name unless its value is 0; the value of a union is its discriminant. */
function writeFlag(out: ByteWriter, plan: Plan, bytes: Uint8Array, at: number, name: string): void {
  const isWide = plan.kind === 'hyper' || plan.kind === 'unsignedHyper';
  if (read32(bytes, at) !== 0 || (isWide && read32(bytes, at + 4) !== 0)) out.utf8(name);
}

function writeString(
  out: ByteWriter,
  plan: StringPlan,
  format: string,
  bytes: Uint8Array,
  start: number,
  behind: number,
): void {
  const end = endOfText(plan, bytes, start, behind);
  if (format === 'count') return out.integer(end - start);
  if (format === 'registration' && start === end) return out.ascii(NOT_REGISTERED);
  if (plan.display?.kind === 'address' || format === 'address' || format === 'registration') {
    return out.utf8(universalAddressText(Buffer.from(bytes.subarray(start, end)).toString()));
  }
  const quoted = plan.role === undefined;
  if (quoted) out.byte(0x22);
  out.copy(bytes, start, end);
  if (quoted) out.byte(0x22);
}

function writeOpaque(out: ByteWriter, context: TextContext, plan: OpaquePlan, format: string, at: number): void {
  const { bytes } = context;
  const start = plan.length < 0 ? at + 4 : at;
  const end = start + (plan.length < 0 ? read32(bytes, at) : plan.length);
  if (format === 'count') {
    out.integer(end - start);
  } else if (plan.role === 'handle' || format === 'handle') {
    if (context.writeHandle?.(out, start, end)) return;
    out.ascii('0x');
    out.hex32(crc32(bytes, start, end));
  } else if (plan.role === 'filename') {
    out.copy(bytes, start, end);
  } else if (plan.role === 'data') {
    out.integer(end - start);
    out.ascii(' bytes');
  } else if ((plan.display?.kind === 'address' || format === 'address') && (end - start === 4 || end - start === 16)) {
    out.ascii(formatAddress(readAddress(bytes, start, end - start)));
  } else if (plan.display?.kind === 'port' && end - start === 2) {
    out.integer(read16(bytes, start));
  } else if (plan.display?.kind === 'text' && isText(bytes.subarray(start, textEnd(plan, bytes, start, end)))) {
    out.copy(bytes, start, textEnd(plan, bytes, start, end));
  } else if (plan.display?.kind === 'sockaddr') {
    const text = socketAddressText(bytes.subarray(start, end));
    if (text === null) writeHex(out, bytes, start, end);
    else out.utf8(text);
  } else {
    const mechanism = plan.display?.kind === 'mechanism' ? readMechanism(bytes, start, end) : null;
    if (mechanism !== null) out.ascii(mechanism.name);
    else writeHex(out, bytes, start, end);
  }
}

/**
 * Where text ends: before the zeros that fill up a field of fixed
 * size, and before one line end, which instruments append (VXI-11).
 */
function textEnd(plan: OpaquePlan, bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (plan.length >= 0 && last > start && bytes[last - 1] === 0) last--;
  if (last > start && bytes[last - 1] === 0x0a) last--;
  if (last > start && bytes[last - 1] === 0x0d) last--;
  return last;
}

function isText(bytes: Uint8Array): boolean {
  return (
    bytes.length > 0 &&
    bytes.length <= MAX_SHOWN_TEXT &&
    bytes.every((byte) => byte >= 0x20 && byte !== 0x7f) &&
    isUtf8(bytes)
  );
}

/** Special stateids by name (RFC 8881 §8.2.3), others by the CRC-16 of all their bytes, as Wireshark does. */
function writeStateid(out: ByteWriter, bytes: Uint8Array, at: number): void {
  const other = bytes.subarray(at + 4, at + 16);
  const isZero = other.every((byte) => byte === 0);
  const seqid = read32(bytes, at);
  if (isZero && seqid <= 1) out.ascii(seqid === 0 ? 'anonymous' : 'current');
  else if (isZero && seqid === 0xffffffff) out.ascii('invalid');
  else if (seqid === 0xffffffff && other.every((byte) => byte === 0xff)) out.ascii('read bypass');
  else
    out.ascii(
      `0x${crc16(bytes, at, at + 16)
        .toString(16)
        .padStart(4, '0')}`,
    );
}

/** Names of set bits; with `count`, how many are set. */
function writeBits(out: ByteWriter, plan: BitmapPlan, format: string, bytes: Uint8Array, at: number): void {
  const bits = setBits(bytes, at + 4, read32(bytes, at));
  if (format === 'count') return out.integer(bits.length);
  const shown = bits.slice(0, MAX_SHOWN_ELEMENTS).map((bit) => plan.shortNames.get(bit) ?? String(bit));
  out.utf8(bits.length > shown.length ? `${shown.join(', ')}, … (${bits.length})` : shown.join(', '));
}

function writeHex(out: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  const shown = Math.min(end, start + MAX_SHOWN_BYTES);
  out.hex(bytes, start, shown);
  if (shown < end) out.utf8(`… (${end - start} bytes)`);
}

/** Writes numbers, enums, booleans and strings with commas between; of other elements, how many there are. */
function writeArray(
  out: ByteWriter,
  context: TextContext,
  plan: ArrayPlan,
  format: string,
  at: number,
  count: number,
): void {
  const start = plan.length < 0 ? at + 4 : at;
  if (plan.role === 'path' && format === '') return writePath(out, context.bytes, start, count);
  if (plan.element.kind === 'string' && format !== 'count') return writeStrings(out, context.bytes, plan, start, count);
  const size = leafSize(plan.element);
  if (format === 'count' || size === 0) return out.integer(count);
  const shown = Math.min(count, MAX_SHOWN_ELEMENTS);
  for (let i = 0; i < shown; i++) {
    if (i > 0) out.ascii(', ');
    writeText(out, context, plan.element, format, start + i * size, -1, '');
  }
  if (shown < count) out.utf8(`, … (${count})`);
}

/** Strings with commas between. */
function writeStrings(out: ByteWriter, bytes: Uint8Array, plan: ArrayPlan, start: number, count: number): void {
  let next = start;
  const shown = Math.min(count, MAX_SHOWN_ELEMENTS);
  for (let i = 0; i < shown; i++) {
    const length = read32(bytes, next);
    if (i > 0) out.ascii(', ');
    writeString(out, plan.element as StringPlan, '', bytes, next + 4, next + 4 + length);
    next += 4 + padded(length);
  }
  if (shown < count) out.utf8(`, … (${count})`);
}

/** Components of a path, joined: `/a/b`. */
function writePath(out: ByteWriter, bytes: Uint8Array, start: number, count: number): void {
  let next = start;
  for (let i = 0; i < count; i++) {
    const length = read32(bytes, next);
    out.byte(0x2f);
    out.copy(bytes, next + 4, next + 4 + length);
    next += 4 + padded(length);
  }
  if (count === 0) out.byte(0x2f);
}

function leafSize(plan: Plan): number {
  return ['int', 'unsigned', 'hyper', 'unsignedHyper', 'enum', 'bool'].includes(plan.kind) ? leastSize(plan) : 0;
}

/** Seconds and their fraction as one time or duration. */
function writeTime(out: ByteWriter, plan: StructPlan, bytes: Uint8Array, at: number): void {
  const [{ plan: first }] = plan.fields;
  const size = leastSize(first);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  if (plan.display === undefined || plan.display.kind === 'stateid') return;
  const { kind, perSecond } = plan.display;
  const seconds =
    size === 8 ? Number(view.getBigInt64(0)) : first.kind === 'int' ? view.getInt32(0) : view.getUint32(0);
  const fraction = read32(bytes, at + size);
  const isTime = kind === 'time';
  // NFSv2's clients send a million microseconds for "now", and all ones for what stays as it is.
  if (fraction >= perSecond) {
    out.utf8(`${isTime ? dateText(seconds) : durationText(seconds)} + ${fraction} ${perSecond === 1e9 ? 'ns' : 'µs'}`);
  } else if (isTime) out.ascii(dateText(seconds).replace('Z', `${decimals(fraction, perSecond)}Z`));
  else if (fraction === 0) out.ascii(durationText(seconds));
  // The fraction counts forward from the whole seconds, which lie before a negative duration.
  else if (seconds < 0) out.ascii(`-${-seconds - 1}${decimals(perSecond - fraction, perSecond)}s`);
  else out.ascii(`${seconds}${decimals(fraction, perSecond)}s`);
}

/** `.5` for half of `perSecond`; nothing for 0. */
function decimals(fraction: number, perSecond: number): string {
  const digits = String(perSecond).length - 1;
  return fraction === 0 ? '' : `.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
}

/** Texts of flags made so far: few combinations are used, many times. */
const flagTexts = new WeakMap<ReadonlyMap<number, string>, Map<number, string>>();
const MAX_FLAG_TEXTS = 256;

function flagsText(names: ReadonlyMap<number, string>, value: number): string {
  let texts = flagTexts.get(names);
  if (texts === undefined || texts.size > MAX_FLAG_TEXTS) {
    texts = new Map();
    flagTexts.set(names, texts);
  }
  let text = texts.get(value);
  if (text === undefined) {
    text = joinFlags(names, value);
    texts.set(value, text);
  }
  return text;
}

function joinFlags(names: ReadonlyMap<number, string>, value: number): string {
  const found: string[] = [];
  let left = value >>> 0;
  for (const [bit, name] of names) {
    if (bit !== 0 && (left & bit) >>> 0 === bit >>> 0) {
      found.push(name);
      left = (left & ~bit) >>> 0;
    }
  }
  if (left !== 0) found.push(`0x${left.toString(16)}`);
  return found.length > 0 ? found.join('|') : (names.get(0) ?? '0');
}

function floatAt(kind: 'float' | 'double', bytes: Uint8Array, at: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, kind === 'float' ? 4 : 8);
  const value = kind === 'float' ? view.getFloat32(0) : view.getFloat64(0);
  return Number.isFinite(value) ? floatText(value) : String(value);
}

/** `10.0.0.2.8.1` → `10.0.0.2:2049`, `::1.8.1` → `[::1]:2049`; any other text unchanged. */
function universalAddressText(text: string): string {
  const address = parseUniversalAddress(text);
  if (address === null) return text;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whole seconds: `90s`, `1h30m`, `2d`, `-2d`. */
function durationText(seconds: number): string {
  if (seconds < 0) return `-${durationText(-seconds)}`;
  if (seconds < 120) return `${seconds}s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  return parts.map(([value, unit]) => (value === 0 ? '' : `${value}${unit}`)).join('');
}

/** Seconds since 1970 as a UTC date; beyond the calendar of JavaScript, the seconds. */
function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}

/** Bytes in binary units, with one decimal below ten: `512 B`, `1.5 KiB`, `64 KiB`. */
function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let value = bytes;
  let unit = -1;
  while (Math.round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
