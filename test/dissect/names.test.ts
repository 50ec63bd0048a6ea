/** File names as messages teach them: NFSv3 calls and replies in, the `names` and summaries of records out; and real clients. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytes, u32 } from '../helpers/capture-writer.js';
import { recordsOf } from '../helpers/inspect.js';
import { client, type Host, server, udp } from '../helpers/packets.js';
import { FIXTURES, records } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';

const GETATTR = 1;
const LOOKUP = 3;
const REMOVE = 12;
const RENAME = 14;
const LINK = 15;
const READDIR = 16;
const READDIRPLUS = 17;
const OTHER: Host = { address: '10.0.0.9', port: 700 };
const NO_ATTRIBUTES = words(0);

const handle = (name: string) => opaque(`the handle of ${name}`);
const place = (dir: string, name: string) => bytes(handle(dir), opaque(name));
const found = (name: string) => bytes(words(0), handle(name), NO_ATTRIBUTES, NO_ATTRIBUTES);
const wcc = words(0, 0);
/** fattr3 with a file system and a number. */
const attributes = (fsid: number, fileid: number) =>
  bytes(words(1, 0o644, 1, 0, 0, 0, 0, 0, 0, 0, 0), words(0, fsid, 0, fileid), words(0, 0, 0, 0, 0, 0));

interface Exchange {
  procedure: number;
  args: Uint8Array;
  result: Uint8Array;
  from?: Host;
  xid?: number;
}

let nextXid = 1;

function packets({ procedure, args, result, from = client, xid = nextXid++ }: Exchange): Buffer[] {
  return [udp(from, server, call({ xid, procedure, args })), udp(server, from, reply({ xid, result }))];
}

/** The name of the handle that a GETATTR asks for after these exchanges. */
function nameAfter(exchanges: Exchange[], file = 'f'): string | undefined {
  const last = packets({ procedure: GETATTR, args: handle(file), result: words(70) });
  const all = recordsOf([...exchanges.flatMap(packets), ...last]);
  return all.at(-2).names?.['args.object'];
}

const mount = { procedure: LOOKUP, args: place('top', 'd'), result: found('d') };
const lookup = { procedure: LOOKUP, args: place('d', 'a'), result: found('f') };
const link = {
  procedure: LINK,
  args: bytes(handle('f'), place('d', 'b')),
  result: bytes(words(0), NO_ATTRIBUTES, wcc),
};
const entry = (id: number, name: string, ...rest: Uint8Array[]) =>
  bytes(words(1), words(0, id), opaque(name), words(0, id), ...rest);
const listed = (...entries: Uint8Array[]) =>
  bytes(words(0), words(1), attributes(7, 1), words(0, 0), ...entries, words(0, 1));

describe('NFSv3', () => {
  const D = 'd';
  test.each<[string, Exchange[], string | undefined]>([
    ['nothing', [], undefined],
    ['LOOKUP', [mount, lookup], '/d/a'],
    ['LOOKUP in an unknown directory', [lookup], '/a'],
    ['LOOKUP that failed', [mount, { ...lookup, result: bytes(words(2), NO_ATTRIBUTES) }], undefined],
    ['LOOKUP of .', [mount, { ...lookup, args: place(D, '.') }], undefined],
    ['LINK', [mount, lookup, link], '/d/b'],
    ['REMOVE of one of two names', [mount, lookup, link, remove('b')], '/d/a'],
    ['REMOVE of the other', [mount, lookup, link, remove('a')], '/d/b'],
    ['REMOVE of both', [mount, lookup, link, remove('a'), remove('b')], undefined],
    ['REMOVE that failed', [mount, lookup, { ...remove('a'), result: bytes(words(13), wcc) }], '/d/a'],
    ['RENAME', [mount, lookup, rename('a', 'c')], '/d/c'],
    [
      'RENAME over it',
      [mount, lookup, { ...lookup, args: place(D, 'z'), result: found('z') }, rename('z', 'a')],
      undefined,
    ],
    ['READDIRPLUS', [mount, readdirplus('p', 'f')], '/d/p'],
    ['READDIR, and attributes seen before', [mount, getattr(7, 42), readdir('q', 42)], '/d/q'],
    ['READDIR, and attributes seen after', [mount, readdir('q', 42), getattr(7, 42)], '/d/q'],
    ['READDIR of another file system', [mount, readdir('q', 42), getattr(8, 42)], undefined],
  ])('%s', (_, exchanges, expected) => {
    expect(nameAfter(exchanges)?.replace(/^0x[0-9a-f]{8}/, '')).toBe(expected);
  });

  function remove(name: string): Exchange {
    return { procedure: REMOVE, args: place(D, name), result: bytes(words(0), wcc) };
  }
  function rename(from: string, to: string): Exchange {
    return { procedure: RENAME, args: bytes(place(D, from), place(D, to)), result: bytes(words(0), wcc, wcc) };
  }
  function readdirplus(name: string, file: string): Exchange {
    const args = bytes(handle(D), words(0, 0, 0, 0, 512, 4096));
    const listing = listed(entry(1, '.', words(0, 1), handle(D)), entry(2, name, words(0, 1), handle(file)));
    return { procedure: READDIRPLUS, args, result: listing };
  }
  function readdir(name: string, id: number): Exchange {
    return { procedure: READDIR, args: bytes(handle(D), words(0, 0, 0, 0, 512)), result: listed(entry(id, name)) };
  }
  function getattr(fsid: number, id: number): Exchange {
    return { procedure: GETATTR, args: handle('f'), result: bytes(u32(0), attributes(fsid, id)) };
  }
});

test('clients with the same xid do not swap names', () => {
  const one = { ...lookup, xid: 99, args: place('d', 'mine'), result: found('f') };
  const two = { ...lookup, xid: 99, args: place('d', 'yours'), result: found('g'), from: OTHER };
  const [a, b] = [packets(one), packets(two)];
  const ask = ['f', 'g'].flatMap((file) => packets({ procedure: GETATTR, args: handle(file), result: words(70) }));
  const all = recordsOf([...packets(mount), a[0], b[0], b[1], a[1], ...ask]);
  expect([all.at(-4), all.at(-2)].map((record) => record.names['args.object'].slice(10))).toEqual([
    '/d/mine',
    '/d/yours',
  ]);
});

test('a duplicate reply teaches nothing again', () => {
  const removal = packets({ procedure: REMOVE, args: place('d', 'a'), result: bytes(words(0), wcc) });
  const again = packets(lookup);
  const ask = packets({ procedure: GETATTR, args: handle('f'), result: words(70) });
  const all = recordsOf([...packets(mount), ...packets(lookup), ...removal, ...again, removal[1], ...ask]);
  expect(all.at(-2).names['args.object'].slice(10)).toBe('/d/a');
});

test('a record shows the name that held at its time', async () => {
  const all = await records(join(FIXTURES, 'captures/nfs3/linux-client.pcap'));
  const shown = [109, 151, 158, 169].map((frame) => all.find((record) => record.frame === frame).summary);
  expect(shown).toEqual([
    'WRITE /srv/x/e/w/b offset 0 count 6 FILE_SYNC',
    'REMOVE /srv/x/e/w/hl',
    'GETATTR /srv/x/e/w/c',
    'GETATTR /srv/x/e/w/a',
  ]);
});

describe('of the handles that a Linux client uses', () => {
  test.each([
    ['nfs3/linux-client.pcap', 35],
    ['nfs4/client-4.2.pcap', 35],
  ])('%s: all have names', async (capture, least) => {
    const all = await records(join(FIXTURES, 'captures', capture));
    const asked = all.filter(({ args }) =>
      /"(data|object|file|fsroot|dir)":"[0-9a-f]{16,}"/.test(JSON.stringify(args)),
    );
    const without = asked.filter((record) => record.names === undefined).map((record) => record.summary);
    expect(without).toEqual([]);
    expect(asked.length).toBeGreaterThan(least);
  });
});
