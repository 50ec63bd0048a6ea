/** What fields tell of the inputs, which are known once they are open. */
import type { Message } from '../rpc/message.js';

export interface Inputs {
  /** Their names, by `Message.file`. */
  readonly files: readonly string[];
  /** True for a file with several interfaces. */
  hasInterfaces(file: number): boolean;
}

export const NO_INPUTS: Inputs = { files: [], hasInterfaces: () => false };

/** The name of the input that has a frame which a message refers to; undefined where it is the message's own. */
export function otherFile(inputs: () => Inputs, file: number, message: Message): string | undefined {
  return file === message.file ? undefined : inputs().files[file];
}
