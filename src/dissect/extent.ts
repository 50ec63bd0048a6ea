/** Where a body, or a part of one, lies in its message. */

/** `bytes[at..end)` is there of a body that reaches to `limit`. */
export interface Extent {
  bytes: Uint8Array;
  at: number;
  end: number;
  limit: number;
}
