/** Where something was found in the captures: the first places, and their total number. */

import type { Dissection } from '../../dissect/dissection.js';
import type { FieldSource } from '../../dissect/field-source.js';
import { mainOperation } from '../../dissect/operations.js';
import { CALL, type Message } from '../../rpc/message.js';
import { rpcError } from '../statistics.js';

export interface Place {
  /** Index of the input. */
  file: number;
  frame: number;
  /** Numbers of program, version and procedure; -1 where they are unknown. */
  program: number;
  version: number;
  procedure: number;
  /** Their names, where the message was dissected; for a compound, the name of its main operation. */
  programName: string | undefined;
  procedureName: string | undefined;
  isCall: boolean;
  /** The status of a reply, or its RPC error; null where there is none. */
  status: string | null;
  /** What is wrong with it, where that is a value; else ''. */
  detail: string;
}

export class Places {
  readonly first: Place[] = [];
  total = 0;

  /** @param limit The number of places to keep. */
  constructor(private readonly limit: number) {}

  /**
   * Adds a message; of an exchange, its reply where it has one,
   * otherwise its call. `detail` is called with that message, and only if the place is kept.
   */
  add({ messages }: FieldSource, detail?: (message: Message) => string): void {
    if (this.total++ >= this.limit) return;
    const dissection = messages[messages.length - 1];
    this.first.push(placeOf(dissection, detail?.(dissection.message) ?? ''));
  }
}

function placeOf(dissection: Dissection, detail: string): Place {
  const { message, programName, status } = dissection;
  const { file, frame, program, version, procedure, type } = message;
  const isCall = type === CALL;
  return {
    file,
    frame,
    program,
    version,
    procedure,
    programName,
    procedureName: mainOperation(dissection.compound) ?? dissection.procedureName,
    isCall,
    status: isCall ? null : (rpcError(message) ?? status),
    detail,
  };
}
