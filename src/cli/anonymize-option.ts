/**
 * `--anonymize` and `--anonymize-key`: the key by which `-w` gives other names. Without a key of the user's it is made of chance and never
 * written down. A file's contents or a text become a key through scrypt (RFC 7914), so that trying many takes time.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UsageError } from './exit.js';
import { fileAt } from './output-file.js';

export interface AnonymizeOptions {
  anonymize?: true;
  anonymizeKey?: string;
}

const KEY_BYTES = 32;
const SALT = 'rpcdump --anonymize-key';

/** Of a secret on standard input. */
const DERIVATION = `
const { readFileSync, writeSync } = require('node:fs');
writeSync(1, require('node:crypto').scryptSync(readFileSync(0), '${SALT}', ${KEY_BYTES}));
`;

/** 32 bytes; null where nothing is to be anonymised. @throws UsageError for a key that is empty, cannot be read or cannot be derived. */
export async function anonymizeKey({ anonymize, anonymizeKey: key }: AnonymizeOptions): Promise<Uint8Array | null> {
  if (key === undefined) return anonymize ? randomBytes(KEY_BYTES) : null;
  const secret = secretOf(key);
  if (secret.length === 0) throw new UsageError('--anonymize-key: the key is empty');
  return derivedKey(secret);
}

/**
 * By a process of its own: scrypt takes and frees 16 MB at once, and glibc no longer maps blocks of up to that size afterwards, but cuts them
 * out of a heap with holes: 20 to 30 MB more for as long as the process lives.
 */
async function derivedKey(secret: Buffer): Promise<Uint8Array> {
  const { spawnSync } = await import('node:child_process');
  // What the user has Node load into every process may write, too.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { error, stdout } = spawnSync(process.execPath, ['-e', DERIVATION], { input: secret, env });
  if (error === undefined && stdout.length === KEY_BYTES) return stdout;
  const reason = (error as NodeJS.ErrnoException | undefined)?.code ?? 'scrypt failed';
  throw new UsageError(`--anonymize-key: the key cannot be derived (${reason})`);
}

/** The contents of the file of that name, or the text itself. */
function secretOf(key: string): Buffer {
  if (fileAt(key) === undefined) return Buffer.from(key, 'utf8');
  try {
    return readFileSync(key);
  } catch (error) {
    throw new UsageError(`--anonymize-key: ${key} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
