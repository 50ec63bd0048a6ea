/** Stands in for `Names` where none are to be learnt (`--no-names`): a file shows as the hash of its handle. */
import { Names } from '../names.js';

export class HandlesOnly extends Names {
  override open(): void {}

  override remember(): void {}
}
