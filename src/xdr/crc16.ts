/** CRC-16 as in X.25 (polynomial 0x1021 reflected, all ones in and out): Wireshark's hash of NFSv4 stateids. */

/** The CRC-16 of `bytes[start..end)`. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at];
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc ^ 0xffff;
}
