/**
 * Anonymised captures: the same messages as in the capture that `-w` writes without, field by field, and nothing of what the original's
 * fields say left anywhere in the bytes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Anonymizer } from '../../src/analysis/anonymize/anonymizer.js';
import { FrameSelection } from '../../src/analysis/frame-selection.js';
import type { Frame } from '../../src/capture/frame.js';
import { PcapngWriter } from '../../src/capture/pcapng-writer.js';
import type { Dissection } from '../../src/dissect/dissection.js';
import type { Dissector } from '../../src/dissect/dissector.js';
import { AUTH_PARTS, decodeAuth } from '../../src/dissect/opaque-auth.js';
import { Inspection } from '../../src/index.js';
import { MAX_AWAKE_FLOWS } from '../../src/limits/network.js';
import type { AuthPart } from '../../src/rpc/message.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import type { TreeNode } from '../../src/xdr/tree-node.js';
import { damaged, damages } from '../damage/damage.js';
import { packetsOf } from '../damage/packets.js';
import { SUBJECT_NAMES } from '../damage/subjects.js';
import { bytes, PCAP_NANOSECONDS, type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { fixtureCaptures } from '../helpers/fixtures.js';
import { client, cut, ethernet, ip, SYN, server, tcp, udp } from '../helpers/packets.js';
import { FIXTURES, library, nameOf } from '../helpers/render.js';
import { call, opaque, record, reply, words } from '../helpers/rpc-writer.js';
import { ownFolder } from '../helpers/with-folder.js';

const IP_IN_IP = 4;
const KEY = Buffer.alloc(32, 7);

const folder = ownFolder();

type Visit = (dissection: Dissection, dissector: Dissector) => void;

async function read(path: string, visit: Visit, options: Parameters<typeof Inspection.open>[1] = {}): Promise<void> {
  const inspection: Inspection = await Inspection.open([path], { library, ...options }, (dissection) =>
    visit(dissection, inspection.dissector),
  );
  await inspection.run();
}

class Output {
  private readonly bytes = new ByteWriter();
  private readonly writer = new PcapngWriter(this.bytes);

  constructor(private readonly name: string) {
    this.writer.begin('test');
  }

  frame(frame: Frame): void {
    this.writer.frame(frame, 0, undefined, []);
  }

  save(): { path: string; bytes: Buffer } {
    const path = join(folder, `${this.name}.pcapng`);
    const bytes = Buffer.from(this.bytes.bytes.subarray(0, this.bytes.length));
    writeFileSync(path, bytes);
    return { path, bytes };
  }
}

/** The frames of some messages of a capture, as they are and anew, in two passes as `-w` makes them of files. */
async function exported(path: string, isSelected: (message: number) => boolean = () => true) {
  const selection = new FrameSelection();
  const [plain, anew] = [new Output('plain'), new Output('anew')];
  await read(path, ({ message }) => selection.message(message, isSelected(message.number), () => ''));
  let order = 0;
  const trace = new Anonymizer(
    KEY,
    (each) => selection.isMarked(each),
    (frame) => anew.frame(frame),
  );
  const onFrame = (frame: Frame) => {
    if (selection.isMarked(order++)) plain.frame(frame);
  };
  await read(path, (dissection, dissector) => trace.message(dissection, dissector), { trace, onFrame });
  trace.finish();
  return { plain: plain.save(), anew: anew.save(), incomplete: trace.incomplete, leftOut: trace.leftOut };
}

const KEPT_KINDS = new Set([
  'enum',
  'bool',
  'hyper',
  'unsignedHyper',
  'float',
  'double',
  'bitmap',
  'array',
  'list',
  'optional',
]);

/** The number of a user or group. */
const isUser = ({ plan, name }: TreeNode) => ('user' in plan && plan.user === true) || /^(\w+_)?[ug]id$/.test(name);

/** root, nobody, and no user: they stay. */
const NO_USERS: ReadonlySet<unknown> = new Set([0, 65534, -2, 0xfffffffe, -1, 0xffffffff]);

function usersOf(node: TreeNode, found: unknown[]): void {
  if (/^(int|unsigned)$/.test(node.plan.kind) && isUser(node) && !NO_USERS.has(node.value)) found.push(node.value);
  for (const child of node.children) usersOf(child, found);
}

/** What of a field must not change: its kind and place, and what a number says that names nobody. */
function outline(node: TreeNode, start: number, lines: string[]): void {
  const { plan, name, offset, length } = node;
  const isOther =
    isUser(node) ||
    isChar(node) ||
    /^(gids|groups|\[\d+\])$/.test(name) ||
    ('display' in plan && plan.display?.kind === 'address');
  const isPort = 'display' in plan && plan.display?.kind === 'port';
  const isKept = KEPT_KINDS.has(plan.kind) || isPort || (/^(int|unsigned)$/.test(plan.kind) && !isOther);
  const value = node.value instanceof Uint8Array ? Buffer.from(node.value).toString('hex') : node.value;
  lines.push(`${offset - start} ${name} ${plan.kind} ${length} ${isKept ? value : ''}`);
  for (const child of node.children) outline(child, start, lines);
}

const isChar = ({ plan }: TreeNode) => 'spelling' in plan && /(char|int8_t)$/.test(plan.spelling);

/** Strings and opaques of four bytes or more, chars in words of their own, and the parts of strings, in order. */
function secretsOf(node: TreeNode, found: Buffer[]): void {
  const { plan, value, children } = node;
  if (plan.kind === 'string' || plan.kind === 'opaque') {
    const bytes = Buffer.from(value as Uint8Array);
    found.push(bytes);
    if (plan.kind === 'string') found.push(...parts(bytes));
  }
  if (children.length > 3 && children.every(isChar)) found.push(words(...children.map((child) => Number(child.value))));
  for (const child of children) secretsOf(child, found);
}

const parts = (text: Buffer) =>
  text
    .toString('latin1')
    .split(/[/@]/)
    .map((part) => Buffer.from(part, 'latin1'));

/** Addresses of no host, which mean the same everywhere. */
const NO_HOST = /^(127\.|0\.0\.0\.0|::1?(\.|$)|f[ef][\da-f]{2}:|22[4-9]\.|2[345]\d\.)/;

/** Names of transports (RFC 5665 §4), as rpcbind and its callers write them. */
const TRANSPORTS = new Set(
  'tcp udp tcp4 udp4 tcp6 udp6 sctp sctp6 rdma rdma6 ticlts ticots ticotsord local unix'.split(' '),
);

/** What tells something: not words of the protocols, nothing but zeros or ones, or a small number in an opaque. */
function isSecret(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  if (bytes.length < 4 || TRANSPORTS.has(text) || text === 'STARTTLS' || NO_HOST.test(text)) return false;
  // A socket address of no host.
  if (bytes.length === 28 && /0{30}0[01]/.test(bytes.toString('hex'))) return false;
  return bytes.filter((byte) => byte !== 0 && byte !== 0xff).length > 2;
}

interface Told {
  messages: string[];
  secrets: Buffer[];
  /** Numbers of users and groups. */
  users: unknown[];
}

/** What a capture's messages say, without what is anonymised, and that. */
async function told(path: string): Promise<Told> {
  const messages: string[] = [];
  const secrets: Buffer[] = [];
  const users: unknown[] = [];
  await read(path, (dissection, dissector) => {
    const { message: m, undecoded, status, error, programName, procedureName, integrity } = dissection;
    const decoded = dissector.decode();
    const lines: string[] = [];
    if (decoded?.root) {
      outline(decoded.root, m.start, lines);
      secretsOf(decoded.root, secrets);
      usersOf(decoded.root, users);
    }
    for (const part of AUTH_PARTS) secretsOfAuth(dissection, part, secrets);
    secrets.push(...[m.source, m.destination].map(({ address }) => Buffer.from(address, 'latin1')));
    const { kind, offset = 0, path: field } = decoded?.fault ?? {};
    messages.push(
      [
        [m.number, m.frame, m.firstFrame, m.frameCount, m.connection, m.seconds, m.nanoseconds, m.transfer, m.protocol],
        [m.source.port, m.destination.port, m.xid, m.type, m.have, m.length, m.mostLength],
        [m.rpcVersion, m.program, m.version, m.procedure, programName, procedureName],
        [m.credential.flavor, m.credential.length, m.verifier.flavor, m.verifier.length],
        [m.replyStat, m.acceptStat, m.rejectStat, m.authStat, m.low, m.high, status, error],
        [m.callFrame, m.elapsed, m.isAnswer, m.retransmission, m.sameBytes, undecoded, integrity?.length],
        [kind, kind && offset - m.start, field, m.headerFault?.offset],
        ...lines,
      ].join('\n'),
    );
  });
  return { messages, secrets, users };
}

function secretsOfAuth(dissection: Dissection, part: AuthPart, found: Buffer[]): void {
  const { message } = dissection;
  const { flavor, start, limit } = message[part];
  if (flavor < 0) return;
  const tree = decodeAuth(dissection, part)?.root;
  if (tree) secretsOf(tree, found);
  else found.push(Buffer.from(message.bytes.subarray(start, Math.max(start, Math.min(message.end, limit)))));
}

let secretsSeen = 0;

function expectAnonymous(expected: Told, actual: Told, bytes: Buffer): void {
  expect(actual.messages).toEqual(expected.messages);
  expect(actual.users.length).toBe(expected.users.length);
  expect(actual.users.filter((user, i) => user === expected.users[i])).toEqual([]);
  secretsSeen += expected.secrets.filter(isSecret).length;
  const secrets = new Map(expected.secrets.filter(isSecret).map((secret) => [secret.toString('latin1'), secret]));
  expect([...secrets].filter(([, secret]) => bytes.includes(secret)).map(([text]) => text)).toEqual([]);
}

describe('every fixture', () => {
  // Messages over RDMA are not copied.
  const copied = fixtureCaptures().filter((path) => nameOf(path) !== 'rpc/rdma');
  test.each(copied.map((path) => [nameOf(path), path]))('%s', async (_name, path) => {
    const { plain, anew, incomplete } = await exported(path);
    expectAnonymous(await told(plain.path), await told(anew.path), anew.bytes);
    expect(incomplete).toBe(0);
  });

  test('they had something to hide', () => expect(secretsSeen).toBeGreaterThan(1000));
});

const COPIES = Number(process.env.DAMAGE_COPIES ?? 18);

describe('damaged captures, and a part of their messages', () => {
  test.each(SUBJECT_NAMES.slice(1))('%s', async (name) => {
    const packets = await packetsOf(join(FIXTURES, 'captures', name));
    const numRuns = Math.ceil(COPIES / SUBJECT_NAMES.length);
    for (const steps of fc.sample(damages(true), { numRuns, seed: 8 })) {
      const path = join(folder, 'damaged.pcap');
      writeFileSync(path, writePcap(damaged(packets, steps), { linkType: 101, magic: PCAP_NANOSECONDS }));
      const { plain, anew } = await exported(path, (message) => message % 3 !== 0);
      expectAnonymous(await told(plain.path), await told(anew.path), anew.bytes);
    }
  });
});

test('a packet whose tunnel came in fragments lies in no frame: it is left out and counted', async () => {
  const message = call({ args: Buffer.alloc(200) });
  const outer = { address: '192.0.2.1', port: 0 };
  const payload = udp(client, server, call({ xid: 2, args: Buffer.alloc(200) }));
  const parts = [0, 160].map((from) =>
    ip(outer, { ...outer, address: '192.0.2.2' }, IP_IN_IP, payload.subarray(from, from === 0 ? 160 : undefined), {
      identification: 9,
      fragmentOffset: from,
      moreFragments: from === 0,
    }),
  );
  const path = join(folder, 'tunnel.pcap');
  writeFileSync(path, writePcap([udp(client, server, message), ...parts].map((data) => ({ data: ethernet(data) }))));
  const { anew, leftOut } = await exported(path);
  let messages = 0;
  await read(anew.path, () => messages++);
  expect([messages, leftOut]).toEqual([1, 1]);
});

test('of a datagram that was cut, nothing of the checksum is left', async () => {
  const checksum = Buffer.from('5a5a', 'hex');
  const at = 20 + 6;
  const datagram = udp(client, server, call({ args: Buffer.alloc(100) }));
  datagram.set(checksum, at);
  const path = join(folder, 'cut.pcap');
  const frame = { data: datagram.subarray(0, 100), wireLength: datagram.length };
  writeFileSync(path, writePcap([frame], { linkType: 101 }));
  const { plain, anew } = await exported(path);
  const copies: string[] = [];
  await read(anew.path, ({ message: { bytes, start } }) => {
    copies.push(Buffer.from(bytes.subarray(start - 2, start)).toString('hex'));
  });
  expect(copies).toEqual(['0000']);
  expect([plain.bytes.includes(checksum), anew.bytes.includes(checksum)]).toEqual([true, false]);
});

test.each([
  ['GRP_NAME_TO_NUMB, the group', 4, opaque('staff'), words(0x5a710001)],
  ['GRP_TO_NUMBER, the groups', 5, words(1, 0x5a710001), opaque('staff')],
  ['RETURN_HOST, the address', 6, words(0x5a710001), opaque('host')],
  ['UID_TO_NAME, the users', 7, words(1, 0x5a710001), words(1, 3, 0x6d657700)],
  ['NAME_TO_UID, the user', 8, opaque('me'), words(0x5a710001)],
])('hclnfsd: %s', async (_, procedure, args, result) => {
  const frames = await framesAnew([
    { data: udp(client, server, call({ program: 788585389, version: 1, procedure, args })) },
    { data: udp(server, client, reply({ result })) },
  ]);
  expect(frames).toHaveLength(2);
  expect(frames.filter((frame) => frame.includes(words(0x5a710001)))).toEqual([]);
});

describe('of bytes that no field holds, nothing is left', () => {
  const secret = Buffer.from('WhoSawThisName');
  const parts = Array.from({ length: secret.length - 3 }, (_, i) => secret.subarray(i, i + 4));
  const entries = words(0, 0, 1, 2, 1, 0, 5);
  const readdir = bytes(entries, opaque(secret), words(0, 6, 1, 0, 7), opaque(secret), words(0, 8, 0, 1));

  // NFSv3's READDIR; GLUSTER_CLI_PROBE, whose argument is a dictionary.
  test.each<[string, (xid: number) => Uint8Array[]]>([
    [
      'the name of an entry, in a list that is cut',
      (xid) => [
        udp(client, server, call({ xid, procedure: 16 })),
        udp(server, client, reply({ xid, result: readdir })),
      ],
    ],
    [
      'bytes behind a dictionary that is empty',
      (xid) => [
        udp(client, server, call({ xid, program: 1238463, version: 2, procedure: 1, args: bytes(words(0), secret) })),
      ],
    ],
  ])('%s', async (_, datagrams) => {
    const packets = Array.from({ length: 32 }, (_, missing) => {
      const last = datagrams(missing).at(-1)!;
      return [
        ...datagrams(missing)
          .slice(0, -1)
          .map((data) => ({ data })),
        cut(last, last.length - missing),
      ];
    }).flat();
    const frames = await framesAnew(packets);
    expect(frames).toHaveLength(packets.length);
    expect(frames.filter((frame) => parts.some((part) => frame.includes(part)))).toEqual([]);
  });
});

test('a connection that was put to rest: what it sends again is filled in as where it was first', async () => {
  const mount = {
    program: 100005,
    version: 3,
    procedure: 1,
    args: opaque(Buffer.from('/the/first/and/the/last/word')),
  };
  const [one, two] = [1, 2].map((xid) => record(call({ xid, ...mount })));
  const again = one.subarray(-40);
  const answer = record(reply({ xid: 1 }));
  const before = [
    tcp(client, server, Buffer.alloc(0), { sequence: 0xffffffff, flags: SYN }),
    tcp(client, server, one, { sequence: 0, acknowledgement: 1 }),
  ];
  const behind = [
    tcp(server, client, answer, { sequence: 1, acknowledgement: one.length }),
    tcp(client, server, Buffer.concat([again, two]), { sequence: one.length - 40, acknowledgement: 1 + answer.length }),
  ];
  const flood = Array.from({ length: MAX_AWAKE_FLOWS + 100 }, (_, i) =>
    tcp({ address: `10.1.${i >> 8}.${i & 255}`, port: 1024 }, server, Buffer.alloc(0), { sequence: i, flags: SYN }),
  );
  const [alone, among] = await Promise.all(
    [[], flood].map((between) => framesAnew([...before, ...between, ...behind].map((data) => ({ data })))),
  );
  expect([...among.slice(0, before.length), ...among.slice(-behind.length)]).toEqual(alone);
  const [first, second] = [alone[1].subarray(-again.length), alone[3].subarray(40, 40 + again.length)];
  expect(second).toEqual(first);
  expect(first.toString('latin1')).toMatch(/[\w-]+$/);
  expect(first.toString('latin1')).not.toMatch('word');
});

test('a segment that came in IP fragments, and in one frame before', async () => {
  const secret = Buffer.from('/what/nobody/may/read');
  const mount = (xid: number) => record(call({ xid, program: 100005, version: 3, procedure: 1, args: opaque(secret) }));
  const [one, two] = [mount(1), mount(2)];
  const packets = [
    tcp(client, server, one, { sequence: 1 }),
    ...fragmentsOf(tcp(client, server, Buffer.concat([one, two]), { sequence: 1 })),
  ];
  const frames = await framesAnew(packets.map((data) => ({ data })));
  expect(frames.map((frame) => frame.toString('hex', 0, 12))).toEqual(
    packets.map((packet) => expect.stringContaining(packet.toString('hex', 0, 10))),
  );
  const ports = Buffer.from('03200801', 'hex');
  expect(frames.map((frame) => frame.indexOf(ports))).toEqual([20, 20, -1]);
  expect(frames.filter((frame) => ['what', 'nobo', 'read'].some((part) => frame.includes(part)))).toEqual([]);
  const names: unknown[] = [];
  writeFileSync(
    join(folder, 'again.pcap'),
    writePcap(
      frames.map((data) => ({ data })),
      { linkType: 101 },
    ),
  );
  await read(join(folder, 'again.pcap'), (_, dissector) => names.push(dissector.decode()?.root?.children[0]?.value));
  expect(names).toHaveLength(2);
  expect(names[1]).toEqual(names[0]);
});

/** Two IP fragments of a packet. */
function fragmentsOf(packet: Uint8Array): Buffer[] {
  const payload = packet.subarray(20);
  return [0, 96].map((fragmentOffset) =>
    ip(client, server, packet[9], payload.subarray(fragmentOffset, fragmentOffset === 0 ? 96 : undefined), {
      identification: 9,
      fragmentOffset,
      moreFragments: fragmentOffset === 0,
    }),
  );
}

/** Packets of one file, made anew in one pass. */
async function framesAnew(packets: readonly TestFrame[]): Promise<Buffer[]> {
  const path = join(folder, `${packets.length}.pcap`);
  writeFileSync(path, writePcap(packets, { linkType: 101 }));
  const frames: Buffer[] = [];
  const trace = new Anonymizer(KEY, null, ({ bytes, end }) => frames.push(Buffer.from(bytes.subarray(0, end))));
  await read(path, (dissection, dissector) => trace.message(dissection, dissector), { trace });
  trace.finish();
  return frames;
}
