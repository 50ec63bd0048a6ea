/**
 * The capture formats, told apart by their first bytes and never by a file's name. A new format is one file beside this
 * one and one line here.
 */
import type { ByteQueue } from './byte-queue.js';
import { CaptureFile } from './capture-file.js';
import type { FormatReader, FrameReader } from './frame.js';
import { IPTRACE_MAGICS, IptraceReader, isIptraceFile } from './iptrace.js';
import { JoinedReader } from './joined-reader.js';
import { detectByMagic, type NamedMagic } from './magic.js';
import { isPcapFile, PCAP_MAGICS, PcapReader } from './pcap.js';
import { isPcapngFile, PCAPNG_MAGIC, PcapngReader } from './pcapng.js';
import { isSnoopFile, SNOOP_MAGIC, SnoopReader } from './snoop.js';

interface Format {
  read(file: CaptureFile): FormatReader;
  /** True where twelve bytes, which are there, begin a file of this format, and can hardly be anything else. */
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

/** Finds the reader of a capture. 'more': the bytes are the beginning of a magic number. Null: they begin no known format. */
export function detectFormat(bytes: Uint8Array): ((queue: ByteQueue) => FrameReader) | 'more' | null {
  const format = detectByMagic(FORMATS, bytes);
  if (format === null || format === 'more') return format;
  return (queue) => {
    const file = new CaptureFile(queue, isFile);
    return new JoinedReader(file, format.read(file), () => readerOf(file));
  };
}

function isFile(bytes: Uint8Array, at: number): boolean {
  return FORMATS.some(({ value }) => value.isFile(bytes, at));
}

/** The reader of the file that begins at the queue's position. */
function readerOf(file: CaptureFile): FormatReader {
  const { bytes, position } = file.queue;
  return FORMATS.find(({ value }) => value.isFile(bytes, position))!.value.read(file);
}
