/** Services: against what DUMP, GETADDR and GETPORT replies of real servers say, and against announcements made for the test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type Service, Services } from '../../src/analysis/services.js';
import type { Dissection } from '../../src/dissect/dissection.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { DissectorLibrary, Inspection } from '../../src/index.js';
import { MAX_SERVICES } from '../../src/limits/analysis.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { servicesRecords, servicesTable } from '../../src/output/services.js';
import { KnownPrograms } from '../../src/rpc/known-programs.js';
import { CALL } from '../../src/rpc/message.js';
import { Messages } from '../../src/rpc/messages.js';
import { makeStyles } from '../../src/terminal/style.js';
import { bytes } from '../helpers/capture-writer.js';
import { startCpuTime } from '../helpers/cpu-time.js';
import { feed } from '../helpers/inspect.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, records } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';

const library = new DissectorLibrary();
const nameOf = (program: number, version: number) => library.programName(program, version);
const schema = JSON.parse(readFileSync(join(FIXTURES, '../schemas/services.schema.json'), 'utf8'));
const validate = new Ajv2020({ strictTypes: false }).compile(schema);

const fixture = (name: string) => join(FIXTURES, 'captures', name);

async function servicesOf(capture: string): Promise<Service[]> {
  const found = new Services();
  const inspection = await Inspection.open([fixture(capture)], { library, names: false }, (dissection) =>
    found.count(dissection),
  );
  await inspection.run();
  return found.rows(inspection.knownPrograms.list(), nameOf);
}

/** `program version transport port`. */
const short = ({ program, version, transport, port }: Service) => `${program} ${version} ${transport} ${port}`;

function universalPort(address: string): number | null {
  const [high, low] = address.split('.').slice(-2).map(Number);
  return address.startsWith('/') ? null : high * 256 + low;
}

// biome-ignore lint/suspicious/noExplicitAny: records are open objects.
type Json = any;

/** What the replies of a capture say of places, as `short` writes it. */
function saidBy(all: Json[]): string[] {
  const said = new Set<string>();
  for (const record of all.filter(({ type, error, result }) => type === 'reply' && error === false && result)) {
    const asked = all.find(
      ({ type, frame, xid }) => type === 'call' && frame === record.call_frame && xid === record.xid,
    );
    if (record.program === 'RPCBIND' && record.procedure === 'DUMP') {
      for (const { rpcb_map: map } of record.result) {
        const transport = map.r_netid.replace(/6$/, '');
        said.add(`${map.r_prog} ${map.r_vers} ${transport} ${universalPort(map.r_addr)}`);
      }
    } else if (record.program === 'PORTMAP' && record.procedure === 'DUMP') {
      for (const { map } of record.result)
        said.add(`${map.prog} ${map.vers} ${map.prot === 6 ? 'tcp' : 'udp'} ${map.port}`);
    } else if (record.procedure === 'GETADDR' && record.result !== '') {
      said.add(`${asked.args.r_prog} ${asked.args.r_vers} ${record.transport} ${universalPort(record.result)}`);
    } else if (record.procedure === 'GETPORT' && record.result !== 0) {
      said.add(`${asked.args.prog} ${asked.args.vers} ${asked.args.prot === 6 ? 'tcp' : 'udp'} ${record.result}`);
    }
  }
  return [...said];
}

describe('real servers', () => {
  test.each([
    ['rpcbind/rpcinfo-ipv4.pcap', 25],
    ['rpcbind/allprocs-udp6-lo.pcap', 5],
    ['rpcbind/loopback.pcap', 15],
    ['rusers/rusers-rstat-rwall.pcap', 7],
    ['nfs3/locks-quota.pcap', 1],
    ['nfs3/linux-client.pcap', 2],
  ])('%s: agrees with what was said', async (capture, least) => {
    const said = saidBy(await records(fixture(capture)));
    const announced = (await servicesOf(capture)).filter((service) => service.announced.length > 0).map(short);
    // Servers at several addresses announce the same.
    expect([...new Set(announced)].sort()).toEqual(said.sort());
    expect(said.length).toBeGreaterThanOrEqual(least);
  });

  test.each([
    'rpcbind/rpcinfo-ipv4.pcap',
    'nfs3/linux-client.pcap',
    'rpc/errors-auth.pcap',
    'nfs3/udp-retransmit.pcap',
    'rusers/rusers-rstat-rwall.pcap',
  ])('%s: counts are those of the records', async (capture) => {
    const own = (await records(fixture(capture))).filter(
      ({ program_number: program, retransmission }) => program !== undefined && retransmission === undefined,
    );
    const services = await servicesOf(capture);
    const sum = (key: 'calls' | 'replies' | 'errors') => services.reduce((total, service) => total + service[key], 0);
    expect({ calls: sum('calls'), replies: sum('replies'), errors: sum('errors') }).toEqual({
      calls: own.filter(({ type }) => type === 'call').length,
      replies: own.filter(({ type }) => type === 'reply').length,
      errors: own.filter(({ error }) => error).length,
    });
  });

  test('records are as the schema says', async () => {
    const rows = servicesRecords(await servicesOf('rpcbind/rpcinfo-ipv4.pcap'), null)
      .trimEnd()
      .split('\n');
    expect(rows.map((row) => JSON.parse(row)).filter((row) => !validate(row))).toEqual([]);
    const order = Object.keys(schema.properties);
    for (const row of rows) {
      const places = Object.keys(JSON.parse(row)).map((key) => order.indexOf(key));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    expect(rows.length).toBeGreaterThan(45);
  });
});

/** What a call and its successful reply say. */
function told(program: number, version: number, procedure: number, args: Uint8Array, result: Uint8Array): string[] {
  const rpc = new Messages(newStamp(), (message) => dissector.dissect(message));
  const network = new Network(rpc, rpc.now);
  const dissector = new Dissector(library, rpc.exchanges, { announcements: rpc.knownPrograms });
  const packets = [
    udp(client, server, call({ program, version, procedure, args })),
    udp(server, client, reply({ result })),
  ];
  feed(network, packets);
  return rpc.knownPrograms
    .list()
    .map(
      (each) =>
        `${each.isRefused ? 'no ' : ''}${each.program} ${each.version} ${each.transport} ${each.address} ${each.port}`,
    );
}

/** Counts a call of a program at an endpoint. */
function use(services: Services, program: number, id: number, port: number): void {
  services.count({
    message: {
      hasProgram: true,
      retransmission: null,
      type: CALL,
      program,
      version: 3,
      protocol: 6,
      frame: 1,
      file: 0,
      destination: { id, address: '10.0.0.2', port },
    },
    programName: 'NFS',
    error: null,
  } as unknown as Dissection);
}

test('a table that is full still counts the services that it has, also under another endpoint number', () => {
  const services = new Services();
  for (let i = 0; i < MAX_SERVICES; i++) use(services, 100003, i, i);
  use(services, 100003, MAX_SERVICES, 5);
  use(services, 100003, MAX_SERVICES + 1, MAX_SERVICES);
  expect(services.uncounted).toBe(1);
  expect(services.rows([], nameOf).find(({ port }) => port === 5)?.calls).toBe(2);
});

test('a port of very many programs is counted in linear time', () => {
  const services = new Services();
  const cpuSeconds = startCpuTime();
  for (let i = 0; i < 8 * MAX_SERVICES; i++) use(services, i % (2 * MAX_SERVICES), 1, 2049);
  expect(cpuSeconds()).toBeLessThan(4);
  expect(services.uncounted).toBe(4 * MAX_SERVICES);
  expect(services.rows([], nameOf).every(({ calls }) => calls === 4)).toBe(true);
});

describe('announcements', () => {
  const mapping = (port: number) => words(100003, 3, 6, port);
  const rpcb = (address: string) => bytes(words(100003, 3), opaque('tcp'), opaque(address), opaque('root'));
  const rmtcall = bytes(words(100001, 3, 0), words(0));
  const monitor = bytes(opaque('peer'), opaque('me'), words(100021, 3, 16), Buffer.alloc(16));
  const map = (program: number, netid: string, address: string) =>
    bytes(words(1, program, 4), opaque(netid), opaque(address), opaque(''));
  test.each<[string, number, number, number, Uint8Array, Uint8Array, string[]]>([
    ['GETPORT', 100000, 2, 3, mapping(0), words(2049), ['100003 3 tcp 10.0.0.2 2049']],
    ['GETPORT of version 1', 100000, 1, 3, mapping(0), words(2049), ['100003 3 tcp 10.0.0.2 2049']],
    [
      'DUMP of version 1',
      100000,
      1,
      4,
      words(),
      bytes(words(1), mapping(2049), words(0)),
      ['100003 3 tcp 10.0.0.2 2049'],
    ],
    ['GETPORT, port 0', 100000, 2, 3, mapping(0), words(0), ['no 100003 3 tcp 10.0.0.2 null']],
    ['SET', 100000, 2, 1, mapping(2049), words(1), ['100003 3 tcp 10.0.0.2 2049']],
    ['SET, FALSE', 100000, 2, 1, mapping(2049), words(0), ['no 100003 3 tcp 10.0.0.2 null']],
    [
      'DUMP of version 2',
      100000,
      2,
      4,
      words(),
      bytes(words(1), mapping(2049), words(1, 100005, 3, 17, 20048, 0)),
      ['100003 3 tcp 10.0.0.2 2049', '100005 3 udp 10.0.0.2 20048'],
    ],
    ['CALLIT', 100000, 2, 5, rmtcall, bytes(words(800), words(0)), ['100001 3 udp 10.0.0.2 800']],
    ['GETADDR', 100000, 3, 3, rpcb(''), opaque('10.0.0.7.8.1'), ['100003 3 udp 10.0.0.7 2049']],
    ['GETADDR, no address', 100000, 3, 3, rpcb(''), opaque(''), ['no 100003 3 udp 10.0.0.2 null']],
    ['SET of version 4', 100000, 4, 1, rpcb('0.0.0.0.8.1'), words(1), ['100003 3 tcp 10.0.0.2 2049']],
    ['BCAST', 100000, 4, 5, rmtcall, bytes(opaque('10.0.0.7.3.32'), words(0)), ['100001 3 udp 10.0.0.7 800']],
    [
      'DUMP of version 4',
      100000,
      4,
      4,
      words(),
      bytes(map(100003, 'tcp6', '::.8.1'), map(100000, 'local', '/run/rpcbind.sock'), words(0)),
      ['100003 4 tcp :: 2049', '100000 4 local /run/rpcbind.sock null'],
    ],
    [
      'create_intr_chan',
      0x0607af,
      1,
      25,
      words(0x0a000001, 700, 0x0607b1, 1, 0),
      words(0),
      ['395185 1 tcp 10.0.0.1 700'],
    ],
    ['YPPROC_XFR', 100004, 2, 6, xfr(), words(9, 1), ['1073741825 1 udp 10.0.0.1 900']],
    ['SM_MON', 100024, 1, 2, monitor, words(0, 1), ['100021 3 udp me null']],
  ])('%s', (_, program, version, procedure, args, result, expected) => {
    expect(told(program, version, procedure, args, result)).toEqual(expected);
  });

  function xfr(): Uint8Array {
    const parameters = bytes(opaque('domain'), opaque('map'), words(1), opaque('peer'));
    return bytes(parameters, words(9, 0x40000001, 900));
  }
});

test('the table says what was asked for in vain, and keeps control characters off the terminal', async () => {
  const text = servicesTable(await servicesOf('rpcbind/rpcinfo-ipv4.pcap'), {
    styles: makeStyles(false),
    columns: null,
    files: null,
  });
  expect(text.split('\n')[0]).toMatch(/^program +number +version +transport +address +port +calls/);
  expect(text).toContain('program 399998 v0 udp was asked for at 10.77.0.1 and is not there: frame 82');
  const service = { ...(await servicesOf('nfs3/linux-client.pcap'))[0], address: 'a\u001b[2Jb' };
  expect(servicesTable([service], { styles: makeStyles(false), columns: null, files: null })).not.toContain('\u001b');
});

test('80 cells hold all that people read; an IPv6 address keeps its end', async () => {
  const services = await servicesOf('rpcbind/rpcinfo-ipv4.pcap');
  const longest = {
    ...services[0],
    address: '2001:db8:1234:5678:9abc:def0:1234:5678',
    port: 65535,
    announced: [123456, 2].map((frame) => ({ frame, file: 0, order: frame })),
  };
  const styles = makeStyles(false);
  const lines = servicesTable([longest, ...services], { styles, columns: 80, files: null }).split('\n');
  expect(Math.max(...lines.slice(0, 6).map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(`\n${lines.slice(0, 6).join('\n')}\n`).toMatchInlineSnapshot(`
    "
                                                                           announced
    program  vers  proto  address                     port  calls  errors  in frame
    PORTMAP     2  tcp    …5678:9abc:def0:1234:5678  65535      0       0  123456, …
    PORTMAP     2  tcp    10.77.0.1                    111      0       0  6, …
    PORTMAP     2  udp    10.77.0.1                    111      0       0  6, …
    RPCBIND     3  local  /run/rpcbind.sock                     0       0  6, …
    "
  `);
});

test('frames of several inputs have their file; the first one is the first in time', () => {
  const services = new Services();
  const use = { id: 1, address: '10.0.0.2', port: 2049 };
  const at = (frame: number, file: number, order: number) => ({ frame, file, order });
  const message = { hasProgram: true, retransmission: null, type: CALL, program: 100003, version: 3, protocol: 6 };
  services.count({
    message: { ...message, ...at(2, 1, 8), destination: use },
    programName: 'NFS',
    error: null,
  } as unknown as Dissection);
  const place = { program: 100003, version: 3, transport: 'tcp', address: '10.0.0.2', port: 2049 };
  const known = new KnownPrograms();
  known.announce(place, at(7, 0, 7));
  known.announce(place, at(7, 1, 9));
  known.announce(place, at(7, 1, 9));
  const rows = services.rows(known.list(), nameOf);
  const record = JSON.parse(servicesRecords(rows, ['a.pcap', 'b.pcap']));
  expect(record).toMatchObject({
    announced: [7, 7],
    announced_files: ['a.pcap', 'b.pcap'],
    first_frame: 7,
    file: 'a.pcap',
  });
  expect(validate(record)).toBe(true);
  const table = servicesTable(rows, { styles: makeStyles(false), columns: null, files: ['a.pcap', 'b.pcap'] });
  expect(table).toContain('7 of a.pcap, 7 of b.pcap');
});

test('an empty capture gives no table', () => {
  expect(servicesTable([], { styles: makeStyles(false), columns: null, files: null })).toBe('no services\n');
  expect(servicesRecords([], null)).toBe('');
});
