/** Fields that only exchanges have (`--calls`, schemas/exchange.schema.json). */
import type { ExchangeFacts } from '../dissect/field-source.js';
import type { Kind, Tests } from './field.js';
import { field, type HeaderField, withNames } from './field-lines.js';
import { type Inputs, NO_INPUTS } from './inputs.js';

const OUTCOMES = ['answered', 'never_answered', 'connection_ended', 'lost_to_capture', 'open_at_end'];

export function exchangeFields(inputs: () => Inputs = () => NO_INPUTS): HeaderField[] {
  const outcome = fact('outcome', 'text', 'what became of the call', (exchange, tests) => tests.text(exchange.outcome));
  return [
    withNames(outcome, () => new Set(OUTCOMES)),
    duration('elapsed_last', 'from the last of several transmissions', (exchange) => exchange.elapsedLast),
    duration('server_time', "from the call to the reply's first frame", (exchange) => exchange.serverTime),
    fact('retransmissions', 'number', 'resends of the call up to the reply', (exchange, tests) =>
      tests.number(exchange.retransmissions),
    ),
    fact('tcp_retransmissions', 'number', 'TCP segments sent again that carried it', (exchange, tests) =>
      tests.number(exchange.tcpRetransmissions),
    ),
    fact(
      'icmp_error',
      'structure',
      'an ICMP error quoted the call',
      (exchange, tests) => exchange.icmpError !== null && tests.structure(),
    ),
    icmpNumber('frame', 'the frame that it came in'),
    fact('icmp_error.file', 'text', 'its input, where several are read', ({ icmpError }, tests) => {
      const { files } = inputs();
      return icmpError !== null && files.length > 1 && tests.text(files[icmpError.file]);
    }),
    icmpNumber('type', 'its type'),
    icmpNumber('code', 'its code'),
    {
      ...fact(
        'incomplete_reply',
        'boolean',
        'a reply came that was never whole',
        (exchange, tests) => exchange.hasIncompleteReply && tests.boolean(true),
      ),
      isFlag: true,
    },
  ];
}

function fact(
  name: string,
  kind: Kind,
  about: string,
  read: (exchange: ExchangeFacts, tests: Tests) => boolean,
): HeaderField {
  return field(
    name,
    kind,
    `with --calls: ${about}`,
    (tests) =>
      (_, { exchange }) =>
        exchange !== null && read(exchange, tests),
  );
}

function icmpNumber(key: 'frame' | 'type' | 'code', about: string): HeaderField {
  return fact(
    `icmp_error.${key}`,
    'number',
    about,
    ({ icmpError }, tests) => icmpError !== null && tests.number(icmpError[key]),
  );
}

function duration(name: string, about: string, read: (exchange: ExchangeFacts) => number | null): HeaderField {
  return fact(name, 'duration', about, (exchange, tests) => {
    const nanoseconds = read(exchange);
    return nanoseconds !== null && tests.duration(nanoseconds);
  });
}
