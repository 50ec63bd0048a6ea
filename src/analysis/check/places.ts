/** Where in the captures something was found: the first few places, and how many there are. */
import type { Dissection } from '../../dissect/dissection.js';
import type { FieldSource } from '../../dissect/field-source.js';
import { CALL } from '../../rpc/message.js';
import { rpcError } from '../statistics.js';

export interface Place {
  /** Index of the input. */
  file: number;
  frame: number;
  /** Number of the program, its version and procedure; -1 where they are not known. */
  program: number;
  version: number;
  procedure: number;
  /** Their names, where the message was dissected; of a compound that of the operation that matters. */
  programName: string | undefined;
  procedureName: string | undefined;
  isCall: boolean;
  /** The status of a reply, RPC's own where that is no success; null where there is none. */
  status: string | null;
  /** What of it is wrong, where that is a value; else ''. */
  detail: string;
}

export class Places {
  readonly first: Place[] = [];
  total = 0;

  /** @param limit How many are kept. */
  constructor(private readonly limit: number) {}

  /** Adds a message, or of an exchange its reply, where it has one; `detail` is asked for where the place is kept. */
  add({ messages }: FieldSource, detail?: () => string): void {
    if (this.total++ < this.limit) this.first.push(placeOf(messages[messages.length - 1], detail?.() ?? ''));
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
    procedureName: operationOf(dissection) ?? dissection.procedureName,
    isCall,
    status: isCall ? null : (rpcError(message) ?? status),
    detail,
  };
}

function operationOf({ compound }: Dissection): string | undefined {
  return compound !== null && compound.main >= 0 ? compound.operations[compound.main].name : undefined;
}
