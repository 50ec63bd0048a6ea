/** An exchange as it is compared: owned data, with the fields of its messages and the file handles of its call. */
import type { Endpoint } from '../../network/flow.js';
import type { TransportName } from '../../network/protocols.js';
import { HANDLE } from './aliases.js';
import type { Field } from './field.js';
import type { PackedFields } from './packed-fields.js';

/** The place of an exchange in its recording, and its description for people. */
export interface Reference {
  /** Frames of call and reply; -1 where that message is missing. */
  frame: number;
  replyFrame: number;
  /** The input that has the call (without one, the reply), where a recording has several; that of the reply, if it is another. */
  file?: string;
  replyFile?: string;
  /** Time of the call; without one, of the reply. */
  seconds: number;
  nanoseconds: number;
  transport: TransportName;
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
  /** Number of the call (or of a reply without call) among all messages of its recording. */
  readonly number: number;
  /** Hosts, which roles are given to: addresses without ports. */
  readonly client: string;
  readonly server: string;
  /** The program's number; transient ones, which clients choose for callbacks, share one number. */
  readonly program: number;
  /** `called`: program, version and procedure. `action`: the same with the operations of a compound. */
  readonly called: string;
  readonly action: string;
  readonly reference: Reference;
  readonly isAnswered: boolean;
  readonly fields: PackedFields;
  /** The file handles in its arguments; the first one is that of the file that the call is about. */
  readonly handles: readonly string[];
}

/** The arguments among the fields of a call. */
export function argumentsOf(call: readonly Field[]): Field | undefined {
  return call.find((field) => field.name === 'args');
}

/** The file handles in the arguments of a call, in order. */
export function handlesOf(call: readonly Field[]): string[] {
  const handles: string[] = [];
  const add = (field: Field): void => {
    if (field.kind === 'members') field.members.forEach(add);
    else if (field.kind === 'elements') field.elements.forEach(add);
    else if (field.kind === 'alias' && field.alias.name === HANDLE) handles.push(String(field.value));
  };
  const args = argumentsOf(call);
  if (args !== undefined) add(args);
  return handles;
}
