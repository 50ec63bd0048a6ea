/** An exchange as it is compared: owned, its messages as fields, and its call as the parts of a key by which it is found again. */
import type { Endpoint } from '../../network/flow.js';
import { HANDLE } from './aliases.js';
import { type Field, fingerprintOf, weightOf } from './field.js';

/** Where an exchange stands in its recording, and what it was, for people. */
export interface Reference {
  /** Frames of call and reply; -1 where the call was not captured, or no reply came. */
  frame: number;
  replyFrame: number;
  /** The input, where a recording has several. */
  file?: string;
  /** When the call came; where it was not captured, the reply. */
  seconds: number;
  nanoseconds: number;
  transport: 'tcp' | 'udp';
  client: Endpoint;
  server: Endpoint;
  connection: number;
  xid: number;
  program: string | undefined;
  programNumber: number;
  version: number;
  procedure: string | undefined;
  procedureNumber: number;
  summary: string;
}

export interface ComparedExchange {
  /** Place of the call among all messages of its recording. */
  readonly number: number;
  /** Hosts, by which roles are found: addresses without ports. */
  readonly client: string;
  readonly server: string;
  /** The program's number; for all that clients choose for callbacks the same. */
  readonly program: number;
  /** What is called: program, version and procedure; `action` with the operations of a compound. */
  readonly called: string;
  readonly action: string;
  readonly reference: Reference;
  readonly isAnswered: boolean;
  /**
   * What is compared, by the names of records. `stats` say how the call fared, the outcome first: where they differ, `reply` has nothing in
   * common.
   */
  readonly call: readonly Field[];
  readonly stats: readonly Field[];
  readonly reply: readonly Field[];
  readonly key: readonly KeyPart[];
  /** Stands for all of `call`, `stats` and `reply` that is compared as it is: of equal calls, those with the same outcome belong together. */
  readonly print: string;
  /** The file that the call is done on, by the first handle of the arguments; '' for none. */
  readonly scope: string;
  /** How many fields there are: what keeping it costs, in units of some 100 bytes. */
  readonly weight: number;
}

/** Text that must be the same, or a file handle. */
export type KeyPart = string | { handle: string };

/**
 * The parts of the key of a call. Of names only file handles count: they say what is done on which file. A session or a stateid that is
 * another one is a difference, but the call is still the same.
 */
export function keyParts(action: string, args: Field | undefined): KeyPart[] {
  const parts: KeyPart[] = [];
  let text = action;
  const add = (field: Field): void => {
    text += `\n${field.name}`;
    if (field.kind === 'value') text += `=${field.value}`;
    else if (field.kind === 'members') field.members.forEach(add);
    else if (field.kind === 'elements') field.elements.forEach(add);
    else if (field.kind === 'alias' && field.alias.name === HANDLE) {
      parts.push(text, { handle: String(field.value) });
      text = '';
    }
  };
  if (args !== undefined) add(args);
  parts.push(text);
  return parts;
}

export function handlesIn(parts: readonly KeyPart[]): string[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part.handle]));
}

/** What stands for the values of these fields, whatever names there are in them. */
export function printOf(fields: readonly Field[]): string {
  const add = (field: Field): string => {
    if (field.kind === 'members') return `${field.name}{${field.members.map(add).join()}}`;
    if (field.kind === 'elements') return `${field.name}[${field.elements.map(add).join()}]`;
    return field.kind === 'value' ? `${field.name}=${field.value}` : field.name;
  };
  return fingerprintOf(Buffer.from(fields.map(add).join(), 'utf8'));
}

export function weightOfAll(fields: readonly Field[]): number {
  return fields.reduce((sum, field) => sum + weightOf(field), 0);
}
