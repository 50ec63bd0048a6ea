/**
 * The capture formats, told apart by their first bytes and never by a file's name. A new format is one file beside this
 * one and one line here. If one byte of the magic number is damaged, and what follows is as in a file of the format, it is
 * read as one.
 */
import type { ByteQueue } from './byte-queue.js';
import { CaptureFile, FILE_START } from './capture-file.js';
import type { FormatReader, FrameReader } from './frame.js';
import { IPTRACE_MAGICS, IptraceReader, isIptraceFile } from './iptrace.js';
import { JoinedReader } from './joined-reader.js';
import { detectByMagic, type NamedMagic } from './magic.js';
import { isPcapFile, PCAP_MAGICS, PcapReader } from './pcap.js';
import { isPcapngFile, PCAPNG_MAGIC, PcapngReader } from './pcapng.js';
import { isSnoopFile, SNOOP_MAGIC, SnoopReader } from './snoop.js';

interface Format {
  read(file: CaptureFile): FormatReader;
  /** True where FILE_START bytes, which are there, begin a file of this format, and can hardly be anything else. */
  isFile(bytes: Uint8Array, at: number): boolean;
}

const FORMATS: readonly NamedMagic<Format>[] = [
  { name: 'pcap', magics: PCAP_MAGICS, value: { read: (file) => new PcapReader(file), isFile: isPcapFile } },
  { name: 'pcapng', magics: [PCAPNG_MAGIC], value: { read: (file) => new PcapngReader(file), isFile: isPcapngFile } },
  { name: 'snoop', magics: [SNOOP_MAGIC], value: { read: (file) => new SnoopReader(file), isFile: isSnoopFile } },
  {
    name: 'iptrace',
    magics: IPTRACE_MAGICS,
    value: { read: (file) => new IptraceReader(file), isFile: isIptraceFile },
  },
];

export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** A file whose magic number is damaged: the index of the wrong byte, and the right one. */
interface DamagedFile {
  format: Format;
  at: number;
  byte: number;
}

/**
 * Finds the reader of a capture whose first bytes are `bytes`; the queue that it is given holds them. 'more': they may be
 * the beginning of a magic number. Null: they begin no known format.
 */
export function detectFormat(bytes: Uint8Array): ((queue: ByteQueue) => FrameReader) | 'more' | null {
  const format = detectByMagic(FORMATS, bytes);
  if (format === 'more') return format;
  if (format !== null) return (queue) => readFile(format, new CaptureFile(queue, isFile));
  if (bytes.length < FILE_START) return 'more';
  const damaged = FORMATS.flatMap((known) => damagedFiles(known, bytes));
  return damaged.length === 1 ? (queue) => readDamagedFile(damaged[0], queue) : null;
}

function readFile(format: Format, file: CaptureFile): FrameReader {
  return new JoinedReader(file, format.read(file), () => readerOf(file));
}

/** Puts the right byte in place of the wrong one. */
function readDamagedFile({ format, at, byte }: DamagedFile, queue: ByteQueue): FrameReader {
  const file = new CaptureFile(queue, isFile);
  const index = queue.position + at;
  const reason = `damaged: byte ${at + 1} of the file is ${hex(queue.bytes[index])}, not ${hex(byte)}`;
  file.noteDamage({ frame: 1, offset: at, reason }, 0);
  queue.bytes[index] = byte;
  return readFile(format, file);
}

/** The files of a format that the bytes may begin, one for each magic number from which they differ in one byte. */
function damagedFiles({ magics, value: format }: NamedMagic<Format>, bytes: Uint8Array): DamagedFile[] {
  return magics.flatMap((magic) => {
    const wrong = [...magic.keys()].filter((at) => bytes[at] !== magic[at]);
    const repaired = Uint8Array.from([...magic, ...bytes.subarray(magic.length, FILE_START)]);
    return wrong.length === 1 && format.isFile(repaired, 0) ? [{ format, at: wrong[0], byte: magic[wrong[0]] }] : [];
  });
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

function isFile(bytes: Uint8Array, at: number): boolean {
  return FORMATS.some(({ value }) => value.isFile(bytes, at));
}

/** The reader of the file that begins at the queue's position. */
function readerOf(file: CaptureFile): FormatReader {
  const { bytes, position } = file.queue;
  return FORMATS.find(({ value }) => value.isFile(bytes, position))!.value.read(file);
}
