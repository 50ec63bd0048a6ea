/** `rpcdump help filter`: the filter language, and its fields from the tables that resolve filters. */
import type { DissectorLibrary } from '../dissect/library.js';
import { ALIASES } from '../filter/aliases.js';
import { headerFields } from '../filter/header-fields.js';
import { Vocabulary } from '../filter/vocabulary.js';
import { wrapWords } from '../terminal/wrap.js';

const LANGUAGE = `A filter selects messages by their fields, in Wireshark's language:

  elapsed > 10ms                      fields that are compared with values
  nfs && procedure == LOOKUP          a program's short name alone: its messages
  operation == LOOKUP                 in NFSv4, whose procedure is COMPOUND
  status != NFS3_OK or error == true  and, or, not; also &&, ||, !; parentheses
  frame in {10..20, 42}               one of several values or ranges
  args.what.name contains "passwd"    part of a text or of bytes (aa:bb:cc)
  ..name matches "\\\\.(c|h)$"          regular expressions, upper or lower case
  ..name matches "(?-i)README"        the same, in this case only
  retransmission                      a field alone: messages that have it (all
                                      replies have 'error': error == true)

Comparisons: == != > >= < <=, or eq ne gt ge lt le; contains, matches (~), in,
not in. For a field with several values, one that fits is enough; for !=, none
may be equal; 'any' and 'all' before the field change this (also === and !==).
No comparison holds for a field that a message does not have, not even !=. But
'not' turns that round, also in 'not in', which is short for not (... in ...).

Slices of bytes and texts: args.object.data[0:4] == 01:00:06:00 ([from:length],
[from-to], [at], [:length], [from:]).

Values: numbers (20, 0x14, 024, 64KiB), durations (10ms, 2s; a plain number is
seconds), times ("2026-11-22 06:46:00", UTC), addresses and networks
(10.0.0.0/8, fe80::/10), names of procedures, statuses and enums in any case,
texts in quotes.

Fields of bodies have the names of the .x file, as in JSON: args.what.name,
result.resok.obj_attributes.attributes.size. A list stands for any of its
elements, args.argarray[0].argop is the first; ..name is any field of that
name, args..name any below args.
`;

/** A name of Wireshark's that stands for more fields than this is shown by its description only. */
const MOST_NAMED = 4;

/** The whole text. */
export function filterHelp(library: DissectorLibrary): string {
  const vocabulary = Vocabulary.of(library);
  const fields = headerFields(vocabulary);
  const rows = fields.map(({ name, kinds, about }): Row => [name, [...kinds].join(' '), about]);
  const bodies: Row[] = [
    ['credential.…, verifier.…', '', 'flavor and fields of its body: credential.uid'],
    ['args.…, result.…', '', "fields of the program's arguments and results"],
  ];
  const aliases = ALIASES.map(({ name, fields: own, about = '' }): Row => {
    return own.length > MOST_NAMED ? [name, about, ''] : [name, own.join(', '), about];
  });
  const programs = [...vocabulary.programNames].map((name) => name.toLowerCase()).sort();
  return [
    LANGUAGE,
    'Fields:',
    table([...rows, ...bodies]),
    "Wireshark's names for them:",
    table(aliases),
    'and those of the fields of programs, which completion offers after the dot:',
    wrapped(protocols(vocabulary.wiresharkNames)),
    'Programs:',
    wrapped(programs),
  ].join('\n');
}

/** The names before the first dot, each with the number of its fields. */
function protocols(names: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const [protocol, ...rest] = name.split('.');
    if (rest.length > 0) counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
  }
  return [...counts].map(([protocol, count]) => `${protocol}.(${count})`).sort();
}

function wrapped(words: string[]): string {
  return wrapWords(words, 78)
    .map((line) => `  ${line}\n`)
    .join('');
}

type Row = [name: string, middle: string, about: string];

function table(rows: readonly Row[]): string {
  const first = Math.max(...rows.map(([name]) => name.length));
  const second = Math.max(...rows.map(([, middle, about]) => (about === '' ? 0 : middle.length)));
  return rows
    .map(([name, middle, about]) => `  ${name.padEnd(first)}  ${middle.padEnd(second)}  ${about}`.trimEnd())
    .concat('')
    .join('\n');
}
