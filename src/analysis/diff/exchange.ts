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
  /** The file handles in its arguments; the first one is that of the file that the call is done on. */
  readonly handles: readonly string[];
  /** Stands for `action` and all of `call`, `stats` and `reply` but names: of equal calls, those with the same outcome belong together. */
  readonly print: string;
  /** How many fields there are: what keeping it costs, in units of some 100 bytes. */
  readonly weight: number;
}

/** The arguments among the fields of a call. */
export function argumentsOf(call: readonly Field[]): Field | undefined {
  return call.find((field) => field.name === 'args');
}

/** The file handles in the arguments of a call, in their order. */
export function handlesOf(args: Field | undefined): string[] {
  const handles: string[] = [];
  const add = (field: Field): void => {
    if (field.kind === 'members') field.members.forEach(add);
    else if (field.kind === 'elements') field.elements.forEach(add);
    else if (field.kind === 'alias' && field.alias.name === HANDLE) handles.push(String(field.value));
  };
  if (args !== undefined) add(args);
  return handles;
}

/** What stands for an action and the values of these fields, whatever names there are in them. */
export function printOf(action: string, fields: readonly Field[]): string {
  const add = (field: Field): string => {
    if (field.kind === 'members') return `${field.name}{${field.members.map(add).join()}}`;
    if (field.kind === 'elements') return `${field.name}[${field.elements.map(add).join()}]`;
    return field.kind === 'value' ? `${field.name}=${field.value}` : field.name;
  };
  return fingerprintOf(Buffer.from([action, ...fields.map(add)].join(), 'utf8'));
}

export function weightOfAll(fields: readonly Field[]): number {
  return fields.reduce((sum, field) => sum + weightOf(field), 0);
}
