/** RPC over reliable connections of RDMA: which messages come out of which packets. */
import { expect, test } from 'vitest';
import { inspect } from '../../helpers/inspect.js';
import { inline, RdmaConversation } from '../../helpers/rdma.js';
import { call, reply } from '../../helpers/rpc-writer.js';

const text = (conversation: RdmaConversation) =>
  inspect(conversation.packets).messages.map(
    ({ type, xid, connection, source, destination, exchange, have, length }) =>
      `${type === 0 ? 'call' : 'reply'} ${xid} of ${connection}: ${source.port} → ${destination.port}` +
      `${exchange < 0 ? ', unknown' : ''}${have < length ? `, ${have} of ${length}` : ''}`,
  );

test('calls and replies in one SEND each', () => {
  const conversation = new RdmaConversation()
    .send(0, inline(call({ xid: 5 })))
    .acknowledge(1)
    .send(1, inline(reply({ xid: 5 })))
    .acknowledge(0)
    .send(0, inline(call({ xid: 6 })))
    .send(1, inline(reply({ xid: 6 })));
  expect(text(conversation)).toEqual([
    'call 5 of 1: 17 → 34',
    'reply 5 of 1: 34 → 17',
    'call 6 of 1: 17 → 34',
    'reply 6 of 1: 34 → 17',
  ]);
});
