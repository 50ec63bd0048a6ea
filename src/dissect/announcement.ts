/**
 * Learns from successful replies where programs are, by the hint `announce` (dissectors/README.md):
 * pairs of a role and a path. A path that opens with `call.` is a field of the arguments, one with
 * `entry.` a field of the elements of the list that `each` names, any other a field of the result
 * (`.` is the result itself). Port 0, an empty address and a false `if` are refusals.
 */
import { RDMA } from '../network/protocols.js';
import type { KnownPrograms, ProgramPlace } from '../rpc/known-programs.js';
import type { Message } from '../rpc/message.js';
import { formatAddress, parseUniversalAddress } from '../xdr/address.js';
import { Extractor } from '../xdr/codegen-extract.js';
import type { Plan, ProcedurePlan } from '../xdr/plan.js';
import { EntryReader } from './entries.js';
import type { Extent } from './extent.js';
import { planAt } from './field-path.js';
import { type FieldValue, FieldValues, valueAt } from './field-values.js';

const ROLES = [
  'program',
  'version',
  'protocol',
  'family',
  'netid',
  'host',
  'port',
  'address',
  'each',
  'if',
  'at',
] as const;
type Role = (typeof ROLES)[number];

/** Values of a message by path: what a call leaves for its reply. */
export type Values = Map<string, FieldValue>;

const PROTOCOLS = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [RDMA, 'rdma'],
]);

/** Protocol numbers of VXI-11's Device_AddrFamily. */
const FAMILIES = [6, 17];

/** Who talks to whom: addresses. */
export interface Hosts {
  caller: string;
  server: string;
}

/** The elements of a list, and the paths of their fields. */
interface Entries {
  list: Extractor;
  reader: EntryReader;
  plans: (Plan | undefined)[];
  paths: string[];
}

export class Announcement {
  private readonly words = new Map<Role, string>();
  private readonly ofCall: FieldValues;
  private readonly ofReply: FieldValues;
  private readonly entries: Entries | null = null;

  private constructor(
    private readonly plan: ProcedurePlan,
    words: readonly string[],
    problem: (message: string) => void,
  ) {
    for (let i = 0; i < words.length; i += 2) {
      const role = ROLES.find((candidate) => candidate === words[i]);
      if (role === undefined || words[i + 1] === undefined) problem(`'announce' has no '${words.slice(i).join(' ')}'`);
      else this.words.set(role, words[i + 1]);
    }
    const paths = [...this.words].filter(([role]) => role !== 'at' && role !== 'each').map(([, path]) => path);
    const below = (prefix: string) =>
      paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
    this.ofCall = new FieldValues(plan.arguments, below('call.'), problem);
    const own = paths.filter((path) => !/^(call|entry)\.|^\d+$/.test(path)).map(ofRoot);
    this.ofReply = new FieldValues(plan.result, own, problem);
    const each = this.words.get('each');
    if (each !== undefined) this.entries = this.entriesOf(each, below('entry.'), problem);
  }

  /** What a procedure announces; null when that is nothing. */
  static of(plan: ProcedurePlan, problem: (message: string) => void): Announcement | null {
    const lesson = plan.lessons.find(({ verb }) => verb === 'announce');
    return lesson === undefined ? null : new Announcement(plan, lesson.words, problem);
  }

  /** What the reply will need of a call's arguments. */
  remember(extent: Extent): Values {
    const values: Values = new Map();
    this.ofCall.read(extent, 'call.', values);
    return values;
  }

  /** Enters in `known` the programs that a successful reply announces or refuses. */
  learn(known: KnownPrograms, message: Message, hosts: Hosts, extent: Extent, values: Values): void {
    this.ofReply.read(extent, '', values);
    if (this.entries === null) return this.tell(known, message, hosts, values);
    const { list, reader, paths, plans } = this.entries;
    list.find(extent.bytes, extent.at, extent.end, extent.limit);
    for (reader.begin(extent, list.at(0)); reader.next(); ) {
      paths.forEach((path, i) => {
        const plan = plans[i];
        const value = plan && reader.field(i) >= 0 ? valueAt(plan, extent.bytes, reader.field(i)) : undefined;
        if (value === undefined) values.delete(`entry.${path}`);
        else values.set(`entry.${path}`, value);
      });
      this.tell(known, message, hosts, values);
    }
  }

  private tell(known: KnownPrograms, message: Message, hosts: Hosts, values: Values): void {
    const value = (role: Role) => this.value(role, values);
    const [program, version] = [value('program'), value('version')];
    if (typeof program !== 'number' || typeof version !== 'number') return;
    const address = this.words.get('at') === 'caller' ? hosts.caller : hosts.server;
    const place: ProgramPlace = {
      program: program >>> 0,
      version: version >>> 0,
      transport:
        transportOf(value('protocol') ?? FAMILIES[Number(value('family'))], value('netid')) ??
        PROTOCOLS.get(message.protocol)!,
      address: hostOf(value('host')) ?? address,
      port: null,
    };
    if (value('if') === 0 || value('port') === 0 || value('address') === '') {
      known.refuse({ ...place, address }, message);
      return;
    }
    const port = value('port');
    if (typeof port === 'number') place.port = port >>> 0;
    known.announce(atAddress(place, value('address'), address), message);
  }

  private value(role: Role, values: Values): FieldValue | undefined {
    const word = this.words.get(role);
    if (word === undefined) return undefined;
    return /^\d+$/.test(word) ? Number(word) : values.get(ofRoot(word));
  }

  private entriesOf(list: string, paths: string[], problem: (message: string) => void): Entries | null {
    const plan = planAt(this.plan.result, ofRoot(list));
    if (plan?.kind !== 'list' && plan?.kind !== 'array') {
      problem(`'${list}' is no list`);
      return null;
    }
    const plans = paths.map((path) => planAt(plan.element, path));
    const wrong = paths.find((_, i) => plans[i] === undefined);
    if (wrong !== undefined) problem(`'entry.${wrong}' names no field`);
    const extractor = new Extractor(this.plan.result, [ofRoot(list)]);
    return { list: extractor, reader: new EntryReader(plan, paths), plans, paths };
  }
}

/** `.` is the result itself. */
function ofRoot(path: string): string {
  return path === '.' ? '' : path;
}

/** The transport of a protocol number, or of a netid: `tcp6` is TCP, which the address shows. */
function transportOf(protocol: FieldValue | undefined, netid: FieldValue | undefined): string | undefined {
  if (typeof protocol === 'number') return PROTOCOLS.get(protocol) ?? String(protocol);
  return typeof netid === 'string' && netid !== '' ? netid.replace(/^(tcp|udp|rdma)6$/, '$1') : undefined;
}

/** An IPv4 address as a number, or a host's name. */
function hostOf(host: FieldValue | undefined): string | undefined {
  return typeof host === 'number' ? formatAddress([host]) : host;
}

/**
 * The place with the address and port of a universal address (RFC 5665). The unspecified address (`0.0.0.0`, `::`)
 * means the host that was asked, if that has an address of the same kind.
 */
function atAddress(place: ProgramPlace, universal: FieldValue | undefined, asked: string): ProgramPlace {
  if (typeof universal !== 'string') return place;
  const parts = parseUniversalAddress(universal);
  if (parts === null) return { ...place, address: universal };
  const { host, port } = parts;
  const isAny = host === '0.0.0.0' || host === '::';
  return { ...place, address: isAny && host.includes(':') === asked.includes(':') ? asked : host, port };
}
