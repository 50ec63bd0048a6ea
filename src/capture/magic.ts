/** Finds the entry of a table whose magic number a file begins with. */

/** A value, and the magic numbers that stand for it. */
export interface Magic<Value> {
  magics: readonly Uint8Array[];
  value: Value;
}

/** The same with a name for people. */
export interface NamedMagic<Value> extends Magic<Value> {
  name: string;
}

/** 'more': the bytes are the beginning of a magic number. Null: they are the beginning of none. */
export function detectByMagic<Value>(table: readonly Magic<Value>[], bytes: Uint8Array): Value | 'more' | null {
  let isBeginning = false;
  for (const { magics, value } of table) {
    for (const magic of magics) {
      const length = Math.min(bytes.length, magic.length);
      if (!sameBytes(bytes, magic, length)) continue;
      if (length === magic.length) return value;
      isBeginning = true;
    }
  }
  return isBeginning ? 'more' : null;
}

function sameBytes(a: Uint8Array, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}
