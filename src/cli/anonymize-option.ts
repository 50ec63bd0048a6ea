/**
 * `--anonymize` and `--anonymize-key`: the key by which `-w` gives other names. Without a key of the user's it is made of chance and never
 * written down. A file's contents or a text become a key through scrypt (RFC 7914), so that trying many takes time.
 */
import { randomBytes, scryptSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from './exit.js';

export interface AnonymizeOptions {
  anonymize?: true;
  anonymizeKey?: string;
}

const KEY_BYTES = 32;
const SALT = 'rpcdump --anonymize-key';

/** 32 bytes; null where nothing is to be anonymised. @throws UsageError for a key that is empty or cannot be read. */
export function anonymizeKey({ anonymize, anonymizeKey: key }: AnonymizeOptions): Uint8Array | null {
  if (key === undefined) return anonymize ? randomBytes(KEY_BYTES) : null;
  const secret = secretOf(key);
  if (secret.length === 0) throw new UsageError('--anonymize-key: the key is empty');
  return scryptSync(secret, SALT, KEY_BYTES);
}

/** The contents of the file of that name, or the text itself. */
function secretOf(key: string): Buffer {
  if (statSync(key, { throwIfNoEntry: false }) === undefined) return Buffer.from(key, 'utf8');
  try {
    return readFileSync(key);
  } catch (error) {
    throw new UsageError(`--anonymize-key: ${key} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
