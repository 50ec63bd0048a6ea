/** What is mutated: the frames of every fixture capture, their files as they are, and messages of every program made at random. */
import { readFileSync } from 'node:fs';
import { RAW_IP } from '../../src/capture/link-types.js';
import type { DissectorLibrary } from '../../src/index.js';
import type { Plan } from '../../src/xdr/plan.js';
import { readCapture } from '../helpers/capture-reader.js';
import { bytes } from '../helpers/capture-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { client, server, tcp, udp } from '../helpers/packets.js';
import type { Random } from '../helpers/random.js';
import { call, fragmented, record, reply } from '../helpers/rpc-writer.js';
import { MessageMaker } from '../oracle/random-message.js';

export interface SubjectFrame {
  data: Buffer;
  seconds: number;
  nanoseconds: number;
  wireLength: number;
}

/** Frames of one link type. */
export interface Subject {
  name: string;
  linkType: number;
  frames: SubjectFrame[];
}

/** Frames of one subject: enough for connections to begin, end and lose something, few enough for thousands of runs. */
const WINDOW = 60;

export interface File {
  name: string;
  bytes: Buffer;
}

export function fixtureFiles(): File[] {
  return fixtureCaptures().map((name) => ({ name, bytes: readFileSync(name) }));
}

/** A run of frames out of a file, those of one link type. */
export function windowOf({ name, bytes: file }: File, random: Random): Subject {
  const { frames } = readCapture(file);
  const from = random.below(Math.max(1, frames.length - WINDOW / 2));
  const some = frames.slice(from, from + 1 + random.below(WINDOW));
  const { linkType } = some[0];
  return {
    name,
    linkType,
    frames: some
      .filter((frame) => frame.linkType === linkType)
      .map(({ data, ...frame }) => ({ ...frame, data: Buffer.from(data, 'hex') })),
  };
}

/** Calls and replies of one program with random arguments and results, over UDP or TCP. */
export function programSubject(library: DissectorLibrary, random: Random): Subject {
  const { programNumber, version, program } = random.oneOf(library.list().filter(({ procedures }) => procedures > 0));
  const plan = library.find(programNumber, version);
  if (typeof plan === 'string') throw new Error(`${program} v${version}: ${plan}`);
  const numbers = [...plan.procedures.keys()];
  const maker = new MessageMaker(random.next());
  const isTcp = random.below(2) === 0;
  const frames: SubjectFrame[] = [];
  const sequence = { client: 1, server: 1 };
  const send = (message: Buffer, isCall: boolean) => {
    const [from, to] = isCall ? [client, server] : [server, client];
    frames.push(frameOf(isTcp ? segment(message, isCall) : udp(from, to, message), frames.length));
  };
  const segment = (message: Buffer, isCall: boolean): Buffer => {
    const stream = random.below(4) === 0 ? fragmented(message, [random.below(40), random.below(40)]) : record(message);
    const options = isCall
      ? { sequence: sequence.client, acknowledgement: sequence.server }
      : { sequence: sequence.server, acknowledgement: sequence.client };
    sequence[isCall ? 'client' : 'server'] += stream.length;
    return tcp(isCall ? client : server, isCall ? server : client, stream, options);
  };
  for (let xid = 1; xid <= 12; xid++) {
    const procedure = random.oneOf(numbers);
    const { arguments: args, result } = plan.procedures.get(procedure)!;
    const options = { xid, program: programNumber, version, procedure };
    send(call({ ...options, args: bodyOf(maker, args, random) }), true);
    send(reply({ xid, result: bodyOf(maker, result, random) }), false);
  }
  return { name: `${program} v${version}`, linkType: RAW_IP, frames };
}

/** Sound, or with a word that lies. Types that the writer does not know are words at random. */
function bodyOf(maker: MessageMaker, plan: Plan, random: Random): Buffer {
  try {
    const body = maker.message(plan, random.below(4) === 0);
    return random.below(3) === 0 ? maker.damaged(body) : body;
  } catch {
    return bytes(random.bytes(4 * random.below(60)));
  }
}

function frameOf(data: Buffer, index: number): SubjectFrame {
  return { data, seconds: 1_700_000_000, nanoseconds: index * 1000, wireLength: data.length };
}
