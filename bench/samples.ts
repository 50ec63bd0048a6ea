/**
 * Bodies to decode over and over: a GETATTR result and a READDIRPLUS result of 20 entries of NFSv3 (RFC 1813), and the
 * arguments of an OPEN of NFSv4 that creates a file with a size and a mode (RFC 8881 §18.16).
 */

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, 4 * index);
  });
  return bytes;
}

function counted(bytes: Buffer): Buffer {
  return Buffer.concat([words(bytes.length), bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** fattr3: 21 words. */
function attributes(fileid: number): Buffer {
  const times = [1_700_000_000, 123_456_789, 1_700_000_001, 987_654_321, 1_700_000_002, 555_555_555];
  return words(1, 0o644, 1, 1000, 1000, 0, 4096 + fileid, 0, 4096, 0, 0, 0, 0x1234, 0, fileid, ...times);
}

function entry(index: number): Buffer {
  const fileid = 100_000 + index;
  const name = counted(Buffer.from(`file-number-${index}.txt`));
  const handle = counted(Buffer.alloc(28, index + 1));
  return Buffer.concat([words(1, 0, fileid), name, words(0, index + 1, 1), attributes(fileid), words(1), handle]);
}

export const GETATTR_RESULT = Buffer.concat([words(0), attributes(77)]);

export const READDIRPLUS_RESULT = Buffer.concat([
  words(0, 1),
  attributes(78),
  words(0, 0),
  ...Array.from({ length: 20 }, (_, index) => entry(index)),
  words(0, 1),
]);

const SIZE_AND_MODE = [2, 1 << 4, 1 << 1];

export const OPEN_ARGUMENTS = Buffer.concat([
  words(0, 2, 0, 0x1234, 0x5678),
  counted(Buffer.from('open id:')),
  words(1, 0, ...SIZE_AND_MODE),
  counted(words(0, 0, 0o644)),
  words(0),
  counted(Buffer.from('file-number-77.txt')),
]);
