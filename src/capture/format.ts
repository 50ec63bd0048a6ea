/**
 * The capture formats, told apart by their first bytes and never by a file's name. A new format is one file beside this
 * one and one line here.
 */
import type { ByteQueue } from './byte-queue.js';
import type { FrameReader } from './frame.js';
import { IPTRACE_MAGICS, IptraceReader } from './iptrace.js';
import { detectByMagic, type NamedMagic } from './magic.js';
import { PCAP_MAGICS, PcapReader } from './pcap.js';
import { PCAPNG_MAGIC, PcapngReader } from './pcapng.js';
import { SNOOP_MAGIC, SnoopReader } from './snoop.js';

export type FrameReaderFactory = (queue: ByteQueue) => FrameReader;

const FORMATS: readonly NamedMagic<FrameReaderFactory>[] = [
  { name: 'pcap', magics: PCAP_MAGICS, value: (queue) => new PcapReader(queue) },
  { name: 'pcapng', magics: [PCAPNG_MAGIC], value: (queue) => new PcapngReader(queue) },
  { name: 'snoop', magics: [SNOOP_MAGIC], value: (queue) => new SnoopReader(queue) },
  { name: 'iptrace', magics: IPTRACE_MAGICS, value: (queue) => new IptraceReader(queue) },
];

export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** 'more': the bytes are the beginning of a magic number. Null: they begin no known format. */
export function detectFormat(bytes: Uint8Array): FrameReaderFactory | 'more' | null {
  return detectByMagic(FORMATS, bytes);
}
