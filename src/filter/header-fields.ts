/**
 * The fields that messages of every program may have: the keys of the JSON record (docs/json.md), with a
 * description and the function that reads them. `help filter` prints this table. Fields of bodies and
 * credentials are elsewhere; they follow the types of a `.x`.
 */
import type { Endpoint } from '../network/flow.js';
import { TRANSPORTS, transportName } from '../network/protocols.js';
import {
  ACCEPT_STATS,
  AUTH_STATS,
  CALL,
  type Message,
  PROG_MISMATCH,
  REJECT_STATS,
  REPLY_STATS,
  RPC_MISMATCH,
} from '../rpc/message.js';
import { exchangeFields } from './exchange-fields.js';
import {
  address,
  field,
  type HeaderField,
  named,
  number,
  stat,
  structure,
  text,
  time,
  withNames,
} from './field-lines.js';
import { NO_INPUTS, otherFile } from './inputs.js';
import { outcomeFields, remarkFields } from './outcome-fields.js';
import { relatedFields } from './related-fields.js';
import type { Vocabulary } from './vocabulary.js';

function clientOf(message: Message): Endpoint {
  return message.type === CALL ? message.source : message.destination;
}

function serverOf(message: Message): Endpoint {
  return message.type === CALL ? message.destination : message.source;
}

/** The whole table; the inputs are known once they are open. */
export function headerFields(vocabulary: Vocabulary, inputs = () => NO_INPUTS): HeaderField[] {
  return [
    number('message', 'number of the message, from 1', (m) => m.number),
    number('frame', 'number of the frame that made it complete', (m) => m.frame),
    structure('frames', 'there where several frames carried it', (m) => m.frameCount > 1),
    number('frames.first', 'the first of several frames', (m) => (m.frameCount > 1 ? m.firstFrame : -1)),
    text('frames.first_file', 'the input that has it, where that is another one', (m) =>
      m.frameCount > 1 ? otherFile(inputs, m.firstFile, m) : undefined,
    ),
    number('frames.last', 'the last of several frames', (m) => (m.frameCount > 1 ? m.frame : -1)),
    number('frames.count', 'how many frames, where several', (m) => (m.frameCount > 1 ? m.frameCount : -1)),
    text('file', 'the input, where several are read', ({ file }) => {
      const { files } = inputs();
      return files.length > 1 ? files[file] : undefined;
    }),
    number('interface', 'number of the interface, where a file has several', (m) =>
      inputs().hasInterfaces(m.file) ? m.interfaceIndex : -1,
    ),
    number('connection', 'number of the connection, or of the pair of UDP endpoints', (m) => m.connection),
    time('time', 'when it was complete'),
    time('time_epoch', 'the same'),
    named('transport', 'tcp, udp or rdma', TRANSPORTS, ({ protocol }, test) => test(transportName(protocol), protocol)),
    address('src', 'source address', (m) => m.source),
    number('src_port', 'source port; over RDMA, the number of the queue pair', (m) => m.source.port),
    address('dst', 'destination address', (m) => m.destination),
    number('dst_port', 'destination port, or queue pair', (m) => m.destination.port),
    address('client', 'address of who called', clientOf),
    number('client_port', 'port of who called', (m) => clientOf(m).port),
    address('server', 'address of who was called', serverOf),
    number('server_port', 'port of who was called', (m) => serverOf(m).port),
    number('length', 'length of the message in bytes, without record marks', (m) => m.length),
    number('xid', 'transaction number', (m) => m.xid),
    named('type', 'call or reply', ['call', 'reply'], ({ type }, test) => test(type === CALL ? 'call' : 'reply', type)),
    ...programFields(vocabulary),
    number('call_frame', "frame of a reply's call", (m) => m.callFrame),
    text('call_file', 'the input that has it, where that is another one', (m) =>
      m.callFrame >= 0 ? otherFile(inputs, m.callFile, m) : undefined,
    ),
    field(
      'elapsed',
      'duration',
      'from the call to this reply',
      ({ duration }) =>
        ({ message }) =>
          message.callFrame >= 0 && duration(message.elapsed),
    ),
    ...replyFields(),
    ...outcomeFields(vocabulary),
    ...remarkFields(inputs),
    ...relatedFields(inputs),
    ...exchangeFields(inputs),
  ];
}

function programFields(vocabulary: Vocabulary): HeaderField[] {
  const program = field('program', 'name', 'short name of the program, or its number', ({ name }) => (dissection) => {
    const { message } = dissection;
    return message.program >= 0 && name(vocabulary.programOf(dissection) ?? String(message.program), message.program);
  });
  const procedure = field('procedure', 'name', 'name of the procedure, or its number', ({ name }) => (dissection) => {
    const { message } = dissection;
    const known = vocabulary.procedureOf(dissection) ?? String(message.procedure);
    return message.procedure >= 0 && name(known, message.procedure);
  });
  return [
    withNames(program, () => vocabulary.programNames),
    number('program_number', 'number of the program', (m) => m.program),
    number('version', 'version of the program', (m) => m.version),
    withNames(procedure, () => vocabulary.procedureNames),
    number('procedure_number', 'number of the procedure', (m) => m.procedure),
  ];
}

function replyFields(): HeaderField[] {
  return [
    stat('reply_stat', 'accepted or denied', REPLY_STATS, (m) => m.replyStat),
    stat('accept_stat', 'what became of an accepted call', ACCEPT_STATS, (m) => m.acceptStat),
    stat('reject_stat', 'why a call was denied', REJECT_STATS, (m) => m.rejectStat),
    structure('mismatch', 'there where a version is not supported', isMismatch),
    number('mismatch.low', 'lowest version supported', (m) => (isMismatch(m) ? m.low : -1)),
    number('mismatch.high', 'highest version supported', (m) => (isMismatch(m) ? m.high : -1)),
    stat('auth_stat', 'why authentication failed', AUTH_STATS, (m) => m.authStat),
  ];
}

function isMismatch(message: Message): boolean {
  return (message.acceptStat === PROG_MISMATCH || message.rejectStat === RPC_MISMATCH) && message.low >= 0;
}
