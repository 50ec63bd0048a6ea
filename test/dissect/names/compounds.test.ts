/** File names as NFSv4 compounds teach them: current and saved file handle (RFC 8881 §2.10.1.2, §16.2.3) from one operation to the next. */
import { expect, test } from 'vitest';
import { bytes } from '../../helpers/capture-writer.js';
import { recordsOf } from '../../helpers/inspect.js';
import { compound, compoundReply } from '../../helpers/nfs4.js';
import { client, server, udp } from '../../helpers/packets.js';
import { opaque, words } from '../../helpers/rpc-writer.js';

/** An operation and its result. */
type Operation = [call: Uint8Array, reply: Uint8Array];

const OK = 0;
const NOENT = 2;
const CHANGE = words(1, 0, 1, 0, 2);
const handle = (name: string) => opaque(`the handle of ${name}`);
const result = (operation: number, status: number, ...rest: Uint8Array[]) =>
  bytes(words(operation, status), ...(status === OK ? rest : []));

const putroot: Operation = [words(24), words(24, OK)];
const save: Operation = [words(32), words(32, OK)];
const restore: Operation = [words(31), words(31, OK)];
const up: Operation = [words(16), words(16, OK)];
const getattr: Operation = [words(9, 1, 2), words(9, OK, 1, 2, 4, 2)];
const putfh = (file: string): Operation => [bytes(words(22), handle(file)), words(22, OK)];
const getfh = (file: string): Operation => [words(10), result(10, OK, handle(file))];
const lookup = (name: string, status = OK): Operation => [bytes(words(15), opaque(name)), words(15, status)];
const link = (name: string): Operation => [bytes(words(11), opaque(name)), result(11, OK, CHANGE)];
const remove = (name: string, status = OK): Operation => [bytes(words(28), opaque(name)), result(28, status, CHANGE)];
const rename = (from: string, to: string, status = OK): Operation => [
  bytes(words(29), opaque(from), opaque(to)),
  result(29, status, CHANGE, CHANGE),
];
const mkdir = (name: string): Operation => [
  bytes(words(6, 2), opaque(name), words(0, 0)),
  result(6, OK, CHANGE, words(0)),
];
const opened = result(18, OK, words(1, 2, 3, 4), CHANGE, words(0, 0, 0));
const open = (name: string): Operation => [
  bytes(words(18, 0, 1, 0, 0, 1), opaque('owner'), words(0, 0), opaque(name)),
  opened,
];
const openCurrent: Operation = [bytes(words(18, 0, 1, 0, 0, 1), opaque('owner'), words(0, 4)), opened];

/** One that ends at its first operation that fails. */
function exchange(operations: Operation[], xid: number, done = operations.length, status = OK): Buffer[] {
  const results = operations.slice(0, done).map(([, reply]) => reply);
  return [
    udp(client, server, compound(xid, ...operations.map(([call]) => call))),
    udp(server, client, compoundReply(xid, status, ...results)),
  ];
}

/** The name of a handle that a GETATTR asks for after these compounds. */
function nameAfter(file: string, compounds: Operation[][]): string | undefined {
  const packets = compounds.flatMap((operations, index) => {
    const failed = operations.findIndex(([, reply]) => reply.length === 8 && Buffer.from(reply).readUInt32BE(4) !== OK);
    return failed < 0 ? exchange(operations, index) : exchange(operations, index, failed + 1, NOENT);
  });
  const all = recordsOf([...packets, ...exchange([putfh(file), getattr], 1000)]);
  expect(all.filter(({ malformed, undecoded }) => malformed ?? undecoded)).toEqual([]);
  return all.at(-2).names?.['args.argarray[0].opputfh.object'];
}

const mount = [putroot, getfh('root'), lookup('d'), getfh('d')];
const opening = [putfh('d'), open('n'), getfh('f')];
const rooted = [putfh('root'), lookup('y'), getfh('y')];

test.each<[string, string, Operation[][], string | undefined]>([
  ['LOOKUP', 'd', [mount], '/d'],
  ['two LOOKUPs', 'f', [[putroot, lookup('a'), lookup('b'), getfh('f')]], '/a/b'],
  ['LOOKUP that failed', 'f', [mount, [putfh('d'), lookup('q', NOENT), getfh('f')]], undefined],
  ['a name that means another file by now', 'f', [mount, opening, [putfh('d'), lookup('n'), getfh('g')]], undefined],
  ['LOOKUPP', 'g', [mount, [putfh('d'), up, lookup('q'), getfh('g')]], '/q'],
  ['OPEN', 'f', [mount, opening], '/d/n'],
  ['OPEN of the current file', 'f', [mount, opening, [putfh('f'), openCurrent, getfh('f')]], '/d/n'],
  ['OPEN between SAVEFH and RESTOREFH', 'd', [mount, [putfh('d'), save, open('n'), restore, getfh('d')]], '/d'],
  ['CREATE', 'f', [mount, [putfh('d'), mkdir('x'), getfh('f')]], '/d/x'],
  ['LINK', 'f', [mount, opening, [putfh('f'), save, putfh('d'), link('l')]], '/d/l'],
  ['REMOVE of a link', 'f', [mount, opening, [putfh('f'), save, putfh('d'), link('l'), remove('l')]], '/d/n'],
  ['REMOVE', 'f', [mount, opening, [putfh('d'), remove('n')]], undefined],
  ['REMOVE that failed', 'f', [mount, opening, [putfh('d'), remove('n', NOENT)]], '/d/n'],
  ['RENAME', 'f', [mount, opening, [putfh('d'), save, putfh('root'), rename('n', 'm')]], '/m'],
  ['RENAME that failed', 'f', [mount, opening, [putfh('d'), save, putfh('d'), rename('n', 'm', NOENT)]], '/d/n'],
  ['RENAME of a directory', 'f', [mount, opening, [putfh('root'), save, putfh('root'), rename('d', 'e')]], '/e/n'],
  ['a root whose handle was seen before', 'y', [rooted, [putroot, getfh('root')]], '/y'],
  ['and what is looked up in it', 'f', [rooted, mount, [putroot, lookup('f'), getfh('f')]], '/f'],
])('%s', (_, file, compounds, expected) => {
  expect(nameAfter(file, compounds)).toBe(expected);
});
