/**
 * `only_programs`, `only_versions`, `only_flavors`, `only_clients`, `only_servers`: nothing may occur that is
 * not listed. Each rule is a filter on headers that selects everything else; the report names what it selected.
 */
import type { Dissection } from '../../../dissect/dissection.js';
import type { DissectorLibrary } from '../../../dissect/library.js';
import { MAX_FOUND_VALUES } from '../../../limits/analysis.js';
import { authFlavor } from '../../../rpc/auth/index.js';
import { CALL, type Message } from '../../../rpc/message.js';
import { plural } from '../../../xdr/plural.js';
import { RuleError, type RuleKind, type Value } from '../rule.js';

interface Only {
  name: string;
  about: string;
  /** The filter that selects what is not listed. @throws RuleError */
  others(values: readonly Value[]): string;
  /** A place shows the value, where it does not show it anyway. */
  isDetail: boolean;
  /** The value that the rule judges a message by. */
  describe(dissection: Dissection, library: DissectorLibrary): string;
}

const ONLY: readonly Only[] = [
  {
    name: 'only_programs',
    about: 'only these programs: NFS, 100003',
    others: (values) => `program and not program in ${setOf(values)}`,
    isDetail: false,
    describe: programOf,
  },
  {
    name: 'only_versions',
    about: 'only these versions of the programs named: NFS v3, NFS v4',
    others: (values) => {
      const versions = values.map(versionOf);
      const programs = [...new Set(versions.map(({ program }) => program))];
      const listed = versions.map(({ program, version }) => `(program == ${program} and version == ${version})`);
      return `program in {${programs.join(', ')}} and version and not (${listed.join(' or ')})`;
    },
    isDetail: false,
    describe: (dissection, library) => `${programOf(dissection, library)} v${dissection.message.version}`,
  },
  {
    name: 'only_flavors',
    about: 'only these flavors of credentials: AUTH_SYS, RPCSEC_GSS',
    others: (values) => `credential.flavor and not credential.flavor in ${setOf(values)}`,
    isDetail: true,
    describe: ({ message: { credential, program } }) =>
      authFlavor(credential.flavor, program)?.name ?? String(credential.flavor),
  },
  {
    name: 'only_clients',
    about: 'only these clients: addresses and networks',
    others: (values) => `not client in ${setOf(values)}`,
    isDetail: true,
    describe: ({ message }) => endpointOf(message, message.type === CALL),
  },
  {
    name: 'only_servers',
    about: 'only these servers: addresses and networks',
    others: (values) => `not server in ${setOf(values)}`,
    isDetail: true,
    describe: ({ message }) => endpointOf(message, message.type !== CALL),
  },
];

export const only: readonly RuleKind[] = ONLY.map(({ name, about, others, isDetail, describe }) => ({
  name,
  takes: 'list',
  about,
  scope: 'messages',
  make(values, terms) {
    const selection = terms.filter({ text: others(values), at: values[0].at });
    const places = terms.places();
    const found = new Map<string, number>();
    return {
      expected: `only ${values.map(({ text }) => text).join(', ')}`,
      take: (source) => {
        if (!selection.matches(source)) return;
        const value = describe(source.messages[0], terms.library);
        places.add(source, isDetail ? () => value : undefined);
        if (found.has(value) || found.size < MAX_FOUND_VALUES) found.set(value, (found.get(value) ?? 0) + 1);
      },
      verdict: () => ({ ok: places.total === 0, found: textOf(found, places.total), places }),
    };
  },
}));

/** `{A, B}`, of words only: other texts could change the filter's meaning. */
function setOf(values: readonly Value[]): string {
  for (const { text, at } of values) {
    if (/^[\w.:/+-]+$/.test(text)) continue;
    const asList = text.includes(',') ? '; a list stands in brackets: [A, B]' : '';
    throw new RuleError(`'${text}' is no name, number or address${asList}`, at);
  }
  return `{${values.map(({ text }) => text).join(', ')}}`;
}

/** Parses `NFS v3`. A program may have several names. */
function versionOf({ text, at }: Value): { program: string; version: string } {
  const [, program, version] = /^([\w.+-]+)\s+v?(\d{1,10})$/i.exec(text.trim()) ?? [];
  if (program === undefined) throw new RuleError(`'${text}' is no program and version: NFS v3`, at);
  return { program, version };
}

function programOf({ message, programName }: Dissection, library: DissectorLibrary): string {
  const { program, version } = message;
  return programName ?? library.programName(program, version) ?? String(program);
}

function endpointOf({ source, destination }: Message, isSource: boolean): string {
  return (isSource ? source : destination).address;
}

/** `PORTMAP (12 messages), MOUNT (3 messages)`. */
function textOf(found: ReadonlyMap<string, number>, total: number): string {
  if (total === 0) return 'nothing else';
  const parts = [...found].map(([value, count]) => `${value} (${plural(count, 'message')})`);
  const told = [...found.values()].reduce((sum, count) => sum + count, 0);
  return [...parts, ...(told < total ? [`others (${plural(total - told, 'message')})`] : [])].join(', ');
}
