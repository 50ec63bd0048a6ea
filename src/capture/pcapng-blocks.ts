/** The blocks of pcapng (draft-ietf-opsawg-pcapng §§3.1, 4): their types, and the parts of them that every block has. */

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const PACKET = 2;
export const SIMPLE_PACKET = 3;
const NAME_RESOLUTION = 4;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;
const JOURNAL = 9;
const DECRYPTION_SECRETS = 10;
const CUSTOM = 0xbad;
const CUSTOM_UNCOPIED = 0x40000bad;

/** Type and length before the body, and the same with the second length behind it. */
export const BLOCK_HEADER = 8;
export const BLOCK_OVERHEAD = 12;

/** The first word of a section header's body, in the byte order of the section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Lengths in bytes of bodies without the packet's bytes and options. */
export const SECTION_BODY = 16;
export const INTERFACE_BODY = 8;
export const PACKET_BODY = 20;
export const SIMPLE_BODY = 4;
export const STATISTICS_BODY = 12;

/** The blocks that are read. */
const PARSED: ReadonlySet<number> = new Set([
  SECTION_HEADER,
  INTERFACE_DESCRIPTION,
  PACKET,
  SIMPLE_PACKET,
  INTERFACE_STATISTICS,
  ENHANCED_PACKET,
]);
/** Blocks of known types that are skipped. */
const SKIPPED: ReadonlySet<number> = new Set([NAME_RESOLUTION, DECRYPTION_SECRETS, CUSTOM, CUSTOM_UNCOPIED]);
/** Blocks that hold no frame, but have the number of one in Wireshark: entries of systemd's journal, and custom blocks. */
const NUMBERED: ReadonlySet<number> = new Set([JOURNAL, CUSTOM, CUSTOM_UNCOPIED]);

export function isParsed(type: number): boolean {
  return PARSED.has(type);
}

/** True for a type that the search behind damage knows. */
export function isSearched(type: number): boolean {
  return PARSED.has(type) || SKIPPED.has(type);
}

export function isNumbered(type: number): boolean {
  return NUMBERED.has(type);
}

/** True for a block that is known to be no frame, nor to have the number of one. */
export function isUnnumbered(type: number): boolean {
  const isPacket = type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === PACKET;
  return isSearched(type) && !isPacket && !isNumbered(type);
}

/** The least length in bytes of a block of this type. */
export function leastLength(type: number): number {
  return BLOCK_OVERHEAD + leastBody(type);
}

function leastBody(type: number): number {
  if (type === ENHANCED_PACKET || type === PACKET) return PACKET_BODY;
  if (type === SECTION_HEADER) return SECTION_BODY;
  if (type === INTERFACE_DESCRIPTION) return INTERFACE_BODY;
  if (type === INTERFACE_STATISTICS) return STATISTICS_BODY;
  return type === SIMPLE_PACKET ? SIMPLE_BODY : 0;
}
