/**
 * `--anonymize` and `--anonymize-key`: the key of the substitutes that `-w` writes.
 * Without a key from the user it is random and is not stored anywhere. The contents of
 * a file, or a text, become a key through scrypt (RFC 7914), so that guessing is slow.
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

/** Derives a key from the secret on standard input. */
const DERIVATION = `
const { readFileSync, writeSync } = require('node:fs');
writeSync(1, require('node:crypto').scryptSync(readFileSync(0), '${SALT}', ${KEY_BYTES}));
`;

/**
 * 32 bytes; null without `--anonymize`. @throws UsageError for
 * a key that is empty, cannot be read or cannot be derived.
 */
export async function anonymizeKey({ anonymize, anonymizeKey: key }: AnonymizeOptions): Promise<Uint8Array | null> {
  if (key === undefined) return anonymize ? randomBytes(KEY_BYTES) : null;
  const secret = secretOf(key);
  if (secret.length === 0) throw new UsageError('--anonymize-key: the key is empty');
  return derivedKey(secret);
}

/**
 * Runs scrypt in a process of its own. scrypt allocates and frees 16 MB at once; after that glibc no longer maps blocks
 * of up to that size, but cuts them out of a fragmented heap, which costs 20 to 30 MB for the rest of the process.
 */
async function derivedKey(secret: Buffer): Promise<Uint8Array> {
  const { spawnSync } = await import('node:child_process');
  // Modules that NODE_OPTIONS preloads could write to standard output.
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
