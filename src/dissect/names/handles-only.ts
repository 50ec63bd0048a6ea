/** In place of names where none are to be learnt (`--no-names`): a file is its handle, and shows as the hash of that. */
import { Names } from '../names.js';

export class HandlesOnly extends Names {
  override open(): void {}

  override remember(): void {}
}
