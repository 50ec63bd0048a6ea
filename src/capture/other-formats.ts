/** Files that rpcdump cannot read but knows by their first bytes: what they are, and how the user can convert them. */
import { detectByMagic, type Magic } from './magic.js';

export interface OtherFormat {
  /** The text that follows `not a capture file: `. */
  text: string;
  /** True: a capture of another program. False: a compressed file of anything. */
  isCapture: boolean;
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const piped = (what: string, command: string): OtherFormat => ({
  text: `${what}, which '${command} FILE | rpcdump -' reads`,
  isCapture: false,
});
const converted = (what: string): OtherFormat => ({
  text: `a capture of ${what}, which 'editcap -F pcapng' converts`,
  isCapture: true,
});

const OTHERS: readonly Magic<OtherFormat>[] = [
  { magics: [bytesOf('\xfd7zXZ\0')], value: piped('compressed by xz', 'xz -dc') },
  { magics: [bytesOf('BZh')], value: piped('compressed by bzip2', 'bzip2 -dc') },
  { magics: [bytesOf('\x04\x22\x4d\x18')], value: piped('compressed by lz4', 'lz4 -dc') },
  { magics: [bytesOf('PK\x03\x04')], value: piped('a zip archive', 'unzip -p') },
  { magics: [bytesOf('RTSS'), bytesOf('GMBU')], value: converted('Network Monitor') },
  { magics: [bytesOf('TRSNIFF data'), bytesOf('XCP\0')], value: converted('Sniffer') },
  { magics: [bytesOf('ObserverPktBuffer')], value: converted('Observer') },
  { magics: [bytesOf('\x05VNF')], value: converted('Visual Networks') },
  { magics: [bytesOf('TR\0d')], value: converted('nettl of HP-UX') },
];

/** What the bytes at the beginning of a file are; null: they are not known. */
export function otherFormat(bytes: Uint8Array): OtherFormat | null {
  const found = detectByMagic(OTHERS, bytes);
  return found === 'more' ? null : found;
}
