/** The list on terminals: what a line gives up first, so that what happened has room, and that no line is wider than its terminal. */
import width from 'fast-string-width';
import { describe, expect, test } from 'vitest';
import { cutStart } from '../../src/output/cut-text.js';
import { directionText } from '../../src/output/endpoint.js';
import { bytes } from '../helpers/capture-writer.js';
import { exchangeLinesOf, exchangeListOf } from '../helpers/exchanges.js';
import { capture } from '../helpers/fixtures.js';
import { listOf } from '../helpers/inspect.js';
import { compound, compoundReply } from '../helpers/nfs4.js';
import { client, cut, ip, SYN, server, tcp, udp } from '../helpers/packets.js';
import { render } from '../helpers/render.js';
import { call, record, reply, words } from '../helpers/rpc-writer.js';

const NFS = { program: 100003, version: 3 };

const some = (text: string, from: number) =>
  text
    .split('\n')
    .slice(from, from + 3)
    .join('\n');

test.each([
  ['10.0.0.2', 8, '10.0.0.2'],
  ['10.0.0.20', 8, '….0.0.20'],
  ['名前の長い記録', 6, '…記録'],
  ['abc', 1, '…'],
])('the end of %s in %i cells: %s', (text, cells, expected) => {
  expect(cutStart(text, cells)).toBe(expected);
});

const host = (address: string, port: number) => ({ id: 0, address, port }) as Parameters<typeof directionText>[0];

test.each([
  [40, '10.0.0.2:785 → 10.0.0.3:2049'],
  [28, '10.0.0.2:785 → 10.0.0.3:2049'],
  [27, '10.0.0.2 → 10.0.0.3'],
  [18, '….0.0.2 → ….0.0.3'],
])('endpoints in %i cells: %s', (most, expected) => {
  expect(directionText(host('10.0.0.2', 785), host('10.0.0.3', 2049), most)).toBe(expected);
});

test.each([
  [28, '192.168.1.100 → 192.168.1.2'],
  [26, '…2.168.1.100 → 192.168.1.2'],
  [22, '…68.1.100 → ….168.1.2'],
])('addresses of different lengths in %i cells: %s', (most, expected) => {
  const [one, other] = [host('192.168.1.100', 800), host('192.168.1.2', 2049)];
  expect(directionText(one, other, most)).toBe(expected);
  expect(directionText(other, one, most)).toBe(expected.split(' → ').reverse().join(' → '));
});

describe('remarks', () => {
  const compounds = (args: Uint8Array, result: Uint8Array, status = 0) => [
    udp(client, server, compound(1, words(24), args)),
    udp(server, client, compoundReply(1, status, words(24, 0), result)),
  ];
  test.each([
    [
      'an operation that is not known',
      compounds(words(99, 1, 2), words(99, 0)),
      [
        '99 (PUTROOTFH) [12 bytes not decoded (unknown operation 99)]',
        '99 (PUTROOTFH) [8 bytes not decoded (unknown operation 99)]',
      ],
    ],
    [
      'bytes after the last operation',
      compounds(words(16), words(16, 10020, 7), 10020),
      ['LOOKUPP (PUTROOTFH)', 'LOOKUPP (PUTROOTFH) NFS4ERR_NOFILEHANDLE [4 bytes follow the last field]'],
    ],
  ])('%s', (_, packets, expected) => {
    expect(listOf(packets)).toEqual(expected);
  });
});

test('calls of one program both ways between the same ports', () => {
  const packets = [udp(client, server, call({ xid: 1 })), udp(server, client, call({ xid: 2 }))];
  expect(exchangeListOf(packets)).toEqual([
    '    1  0.000000  10.0.0.1:800 → 10.0.0.2:2049       NFS v3          NULL [open at the end]',
    '    2  1.000000  10.0.0.2:2049 → 10.0.0.1:800       NFS v3          NULL [open at the end]',
  ]);
});

describe('lines of exchanges', () => {
  const nfs = (procedure: number, args?: Uint8Array) =>
    udp(client, server, call({ xid: 1, ...NFS, procedure, ...(args && { args }) }));
  const request = nfs(0);
  const answer = udp(server, client, reply({ xid: 1 }));
  const opening = tcp(client, server, bytes(), { flags: SYN });
  const segment = tcp(client, server, record(call({ xid: 1, ...NFS, procedure: 0 })), { sequence: 1 });
  test.each([
    ['an answered call', [request, answer], 'NFS v3    1.00s NULL'],
    ['no reply', [request], 'NFS v3          NULL [open at the end]'],
    ['sent again', [request, request, answer], 'NFS v3    2.00s NULL [1 retransmission]'],
    [
      'sent again by TCP',
      [opening, segment, segment],
      'NFS v3          NULL [reply lost to the capture] [1 TCP retransmission]',
    ],
    [
      'answered by ICMP',
      [request, ip(server, client, 1, bytes(words(0x03030000, 0), request))],
      'NFS v3          NULL [never answered] [ICMP error in frame 2: port unreachable (type 3 code 3)]',
    ],
    ['a reply without its call', [answer], 'RPC     reply        SUCCESS (its call was not captured)'],
    [
      'remarks about both',
      [nfs(0, words(1)), udp(server, client, reply({ xid: 1, result: words(1, 2) }))],
      'NFS v3    1.00s NULL [4 bytes follow the last field] [8 bytes follow the last field]',
    ],
    [
      'a call that is cut off',
      [cut(nfs(1, words(4, 1)), 68)],
      'NFS v3          GETATTR [40 of 48 bytes captured] [open at the end]',
    ],
  ])('%s', (_, packets, expected) => {
    const [line, ...more] = exchangeListOf(packets);
    expect([line.slice(line.search(/NFS|RPC/)), more]).toEqual([expected, []]);
  });
});

describe('lines of terminals', () => {
  test('each width', async () => {
    const shown: string[] = [];
    for (const columns of [160, 104, 103, 80, 60]) {
      const messages = await render(capture('rpc/errors-auth.pcap'), 'list', { columns });
      const exchanges = await exchangeLinesOf(capture('nfs3/linux-client.pcap'), columns);
      const widest = Math.max(...`${messages}${exchanges}`.split('\n').map((line) => width(line)));
      expect(widest).toBeLessThanOrEqual(columns);
      shown.push(`${columns} columns`, some(messages, 10), some(exchanges, 21));
    }
    expect(`\n${shown.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      160 columns
         16  0.009460  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1 call         procedure 1
         17  0.009482  10.77.0.1:40303 → 10.77.0.2:58876  536871683 v1 reply 22.0µs procedure 1 PROC_UNAVAIL
         18  0.009526  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1 call         procedure 2
         87 26.832133  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      3.01ms LOOKUP /srv/x/e/w/a → NFS3ERR_NOENT
         89 26.838879  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      7.16ms CREATE /srv/x/e/w/a UNCHECKED mode 0644 → /srv/x/e/w/a NF3REG 0644 0:0 size 0
         91 26.865283  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      13.6ms WRITE /srv/x/e/w/a offset 0 count 6 FILE_SYNC
      104 columns
         16  0.009460  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1 call         procedure 1
         17  0.009482  10.77.0.1:40303 → 10.77.0.2:58876  536871683 v1 reply 22.0µs procedure 1 PROC_UNAVAIL
         18  0.009526  10.77.0.2:58876 → 10.77.0.1:40303  536871683 v1 call         procedure 2
         87 26.832133  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      3.01ms LOOKUP /srv/x/e/… → NFS3ERR_NOENT
         89 26.838879  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      7.16ms CREATE /srv/x/e/w/a UNCHECKED mo…
         91 26.865283  10.79.0.2:791 → 10.79.0.3:2049     NFS v3      13.6ms WRITE /srv/x/e/w/a offset 0 coun…
      103 columns
         16  0.009460 10.77.0.2:58876 → 10.77.0.1:40303 536871683 v1    call procedure 1
         17  0.009482 10.77.0.1:40303 → 10.77.0.2:58876 536871683 v1  22.0µs procedure 1 PROC_UNAVAIL
         18  0.009526 10.77.0.2:58876 → 10.77.0.1:40303 536871683 v1    call procedure 2
         87 26.832133 10.79.0.2:791 → 10.79.0.3:2049    NFS v3      3.01ms LOOKUP /srv/x/e/w… → NFS3ERR_NOENT
         89 26.838879 10.79.0.2:791 → 10.79.0.3:2049    NFS v3      7.16ms CREATE /srv/x/e/w/a UNCHECKED mod…
         91 26.865283 10.79.0.2:791 → 10.79.0.3:2049    NFS v3      13.6ms WRITE /srv/x/e/w/a offset 0 count…
      80 columns
         16  0.009460 10.77.0.2 → 10.77.0.1 536871683 v1    call procedure 1
         17  0.009482 10.77.0.1 → 10.77.0.2 536871683 v1  22.0µs procedu… PROC_UNAVAIL
         18  0.009526 10.77.0.2 → 10.77.0.1 536871683 v1    call procedure 2
         87 26.832133 10.79.0.2 → 10.79.0.3 NFS v3      3.01ms LOOKUP… → NFS3ERR_NOENT
         89 26.838879 10.79.0.2 → 10.79.0.3 NFS v3      7.16ms CREATE /srv/x/e/w/a UN…
         91 26.865283 10.79.0.2 → 10.79.0.3 NFS v3      13.6ms WRITE /srv/x/e/w/a off…
      60 columns
         16  0.009460 10.77.0.2 → 10.77.0.1 536871683 v1    call …
         17  0.009482 10.77.0.1 → 10.77.0.2 536871683 v1  22.0µs …
         18  0.009526 10.77.0.2 → 10.77.0.1 536871683 v1    call …
         87 26.832133 10.79.0.2 → 10.79.0.3 NFS v3      3.01ms LO…
         89 26.838879 10.79.0.2 → 10.79.0.3 NFS v3      7.16ms CR…
         91 26.865283 10.79.0.2 → 10.79.0.3 NFS v3      13.6ms WR…
      "
    `);
  });

  test.each([null, 104, 80, 60])('colours change nothing but the colour, in %s columns', async (columns) => {
    const errors = capture('rpc/errors-auth.pcap');
    const [plain, colored] = await Promise.all(
      [false, true].map(async (isColored) => {
        return (
          (await render(errors, 'list', { columns, isColored })) + (await exchangeLinesOf(errors, columns, isColored))
        );
      }),
    );
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    // Each line ends what it began: the default colour and weight.
    for (const line of colored.split('\n')) {
      const codes = [...line.matchAll(/\u001b\[(\d+)m/g)].map(([, code]) => Number(code));
      const isOpen = (close: number, opens: (code: number) => boolean) =>
        codes.findLastIndex(opens) > codes.lastIndexOf(close);
      expect([line, isOpen(39, (code) => code >= 30 && code < 38), isOpen(22, (code) => code < 3)]).toEqual([
        line,
        false,
        false,
      ]);
    }
  });

  test('several files: long names are cut, not what tells them apart', async () => {
    const files = ['/srv/captures/client-eth0-00017.pcap.zst'];
    const lines = await render(capture('nfs3/linux-client.pcap'), 'list', { columns: 80, files, count: 2 });
    expect(`\n${lines}`).toMatchInlineSnapshot(`
      "
      …t-eth0-00017    13 26.099045 10.79.0.2 → 10.79.0.3 PORTMAP v2    call GETPORT …
      …t-eth0-00017    15 26.122388 10.79.0.3 → 10.79.0.2 PORTMAP v2  23.3ms GETPORT …
      "
    `);
  });
});
