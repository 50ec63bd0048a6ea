/** Data that RDMA READ and WRITE moved are part of their messages again. */
import { expect, test } from 'vitest';
import { recordsOf } from '../../helpers/inspect.js';
import { RdmaConversation } from '../../helpers/rdma.js';
import { compoundRead, longLookup, read, readlink, write } from '../../helpers/rdma-nfs.js';

const data = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (7 * i) & 0xff));

function records(make: (conversation: RdmaConversation) => void) {
  const conversation = new RdmaConversation();
  make(conversation);
  return recordsOf(conversation.packets, undefined, true);
}

test.each([1, 2, 3, 4, 1024, 3000])('a WRITE of %d bytes', (length) => {
  const [call, reply] = records((conversation) => write(conversation, 5, data(length)));
  expect(call.args.data).toEqual(data(length).toString('hex'));
  expect([call.truncated, call.notes, reply.call_frame]).toEqual([undefined, undefined, call.frame]);
});

test.each([1, 3, 1024, 5000])('a READ of %d bytes', (length) => {
  const [, reply] = records((conversation) => read(conversation, 5, data(length), { room: 2048 }));
  expect(reply.result.resok.data).toEqual(data(length).toString('hex'));
  expect([reply.truncated, reply.notes]).toEqual([undefined, undefined]);
});

test('READLINK', () => {
  const [, reply] = records((conversation) => readlink(conversation, 5, '../a/b/c'));
  expect(reply.result.resok.data).toBe('../a/b/c');
});

test('a READ within a compound', () => {
  const [, reply] = records((conversation) => compoundRead(conversation, 5, data(999)));
  expect(reply.result.resarray[1].opread.resok4.data).toEqual(data(999).toString('hex'));
  expect(reply.result.resarray[2].opgetattr.resok4.obj_attributes.attr_vals.size).toBe(999);
});

test('a long call and a long reply', () => {
  const name = 'n'.repeat(250);
  const [call, reply] = records((conversation) => longLookup(conversation, 5, name));
  expect([call.args.what.name, reply.result.resok.object.data]).toEqual([name, '0000000000000004']);
});

test('data that were not captured are missing at their place', () => {
  const [written, , , read4] = records((conversation) => {
    write(conversation, 5, data(100), 'none');
    read(conversation, 6, data(100), { captured: 'none' });
  });
  expect([written.args.count, written.truncated]).toEqual([100, { have: 72, need: 172 }]);
  expect(written.notes).toEqual(['RDMA moved 100 bytes of this message, of which 0 were captured']);
  expect([read4.result.resok.count, read4.truncated]).toEqual([100, { have: 44, need: 144 }]);
});
