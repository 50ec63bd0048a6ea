/** Ways to damage a capture: what networks, capture programs and attackers do to frames, and what disks do to files. */
import type { Random } from '../helpers/random.js';
import type { Subject, SubjectFrame } from './subjects.js';

type Mutation = (subject: Subject, random: Random) => void;

/** Words that lie: as a length, a count, a flag, a discriminant, a record mark. */
const WORDS = [0, 1, 2, 3, 4, 7, 28, 255, 400, 65_535, 0x7fffffff, 0x80000000, 0x80000001, 0x80010000, 0xffffffff];
const TEXTS = [
  '\u001b[2J\u001b]0;x\u0007',
  '../../etc/passwd',
  '__proto__',
  '</script>',
  '\u202eevil',
  '\r\n',
  '%s%n',
  '\ufffd',
];

const someFrame = ({ frames }: Subject, random: Random): SubjectFrame | undefined =>
  frames.length === 0 ? undefined : random.oneOf(frames);

/** Calls `change` with the bytes of a frame and a place in them. */
function inFrame(change: (data: Buffer, at: number, random: Random) => void): Mutation {
  return (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame === undefined || frame.data.length === 0) return;
    change(frame.data, random.below(frame.data.length), random);
  };
}

/** Behind the headers of link and IP, where TCP, RPC and XDR are. */
const payloadWord = (at: number, length: number) => Math.min(Math.max(34, at & ~1), length - 4);

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBit: inFrame((data, at, random) => {
    data[at] ^= 1 << random.below(8);
  }),
  setByte: inFrame((data, at, random) => {
    data[at] = random.below(256);
  }),
  lyingWord: inFrame((data, at, random) => {
    if (data.length > 40) data.writeUInt32BE(random.oneOf(WORDS), payloadWord(at, data.length));
  }),
  nearbyWord: inFrame((data, at, random) => {
    if (data.length <= 40) return;
    const place = payloadWord(at, data.length);
    data.writeUInt32BE((data.readUInt32BE(place) + random.below(9) - 4) >>> 0, place);
  }),
  shortWord: inFrame((data, at, random) => {
    if (data.length > 2) data.writeUInt16BE(random.oneOf(WORDS) & 0xffff, Math.min(at, data.length - 2));
  }),
  fillRun: inFrame((data, at, random) => {
    data.fill(random.oneOf([0, 0xff, 0x20, 0x80]), at, Math.min(data.length, at + random.below(64)));
  }),
  writeText: inFrame((data, at, random) => {
    data.write(random.oneOf(TEXTS), at);
  }),
  moveRun: inFrame((data, at, random) => {
    data.copyWithin(at, random.below(data.length), random.below(data.length));
  }),
  spliceFrames: (subject, random) => {
    const [from, to] = [someFrame(subject, random), someFrame(subject, random)];
    if (from === undefined || to === undefined || to.data.length === 0) return;
    from.data.copy(to.data, random.below(to.data.length), random.below(from.data.length + 1));
  },
  cutFrame: (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame !== undefined) frame.data = frame.data.subarray(0, random.below(frame.data.length + 1));
  },
  cutAllFrames: ({ frames }, random) => {
    const length = 14 + random.below(200);
    for (const frame of frames) frame.data = frame.data.subarray(0, length);
  },
  extendFrame: (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame !== undefined) frame.data = Buffer.concat([frame.data, random.bytes(random.below(80))]);
  },
  lyingWireLength: (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame !== undefined) frame.wireLength = random.oneOf(WORDS);
  },
  dropFrame: ({ frames }, random) => {
    if (frames.length > 1) frames.splice(random.below(frames.length), 1);
  },
  dropRun: ({ frames }, random) => {
    if (frames.length > 8) frames.splice(random.below(frames.length), 1 + random.below(4));
  },
  repeatFrame: (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame === undefined) return;
    subject.frames.splice(random.below(subject.frames.length + 1), 0, { ...frame, data: Buffer.from(frame.data) });
  },
  swapFrames: ({ frames }, random) => {
    if (frames.length === 0) return;
    const [one, other] = [random.below(frames.length), random.below(frames.length)];
    [frames[one], frames[other]] = [frames[other], frames[one]];
  },
  moveClock: (subject, random) => {
    const frame = someFrame(subject, random);
    if (frame !== undefined)
      frame.seconds = random.oneOf([0, 1, frame.seconds - 3600, frame.seconds + 86_400, 0xffffffff]);
  },
};

/** Damages some bytes of a file, of whatever format it is. */
export function damageFile(file: Buffer, random: Random): Buffer {
  const copy = Buffer.from(file);
  for (let count = 1 + random.below(8); count > 0 && copy.length > 4; count--) {
    // The beginning, where headers are, as often as the rest.
    const at = random.below(random.below(2) === 0 ? Math.min(copy.length, 200) : copy.length);
    if (random.below(2) === 0) copy[at] = random.below(256);
    else copy.writeUInt32LE(random.oneOf(WORDS), Math.min(at, copy.length - 4));
  }
  return random.below(4) === 0 ? copy.subarray(0, random.below(copy.length)) : copy;
}
