/**
 * `--export-objects DIR`: writes contents of files as they come, each to a sparse file of its own, and names these
 * files at the end, when all names are known. The folder must be new or empty. Every file is created with O_EXCL
 * and is readable by its owner only; no name from a capture leads out of the folder (`analysis/object-paths.ts`).
 * Where bytes come again with other contents, the last ones are kept and the place is noted.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Repetition } from '../analysis/data-blocks.js';
import { FileObject } from '../analysis/file-object.js';
import type { FileKey, TransferKind, TransferSink } from '../analysis/file-transfers.js';
import { ObjectPaths } from '../analysis/object-paths.js';
import { errorReason } from '../capture/input.js';
import type { Names } from '../dissect/names.js';
import {
  MAX_OBJECT_BYTES,
  MAX_OBJECT_PIECES,
  MAX_OBJECT_PIECES_TOTAL,
  MAX_OBJECT_SIZE,
  MAX_OBJECTS,
  MAX_OPEN_OBJECTS,
  MAX_SAME_BLOCKS,
  MAX_SAME_BYTES,
} from '../limits/export.js';
import { addRange, commonRanges, missingRanges, removeRange } from '../network/byte-ranges.js';
import type { Message } from '../rpc/message.js';
import { UsageError } from './exit.js';

const LIST = 'objects.ndjson';
const BY_HANDLE = 'by-handle';
/**
 * Suffix of files without a final name. No name from a capture
 * has it: there `%` is always followed by two hexadecimal digits.
 */
const PART = '%part';
const OWNER_FILE = 0o600;
const OWNER_FOLDER = 0o700;
const COMPARED = 1 << 16;
const ZEROS = Buffer.alloc(COMPARED);

export class ObjectStore implements TransferSink {
  /** Transfers of files beyond the bound on files. */
  dropped = 0;
  private readonly objects = new Map<string, FileObject>();
  /** Open descriptors by object, the least recently used first. */
  private readonly open = new Map<number, number>();
  private readonly folders = new Set<string>();
  private readonly before = Buffer.alloc(COMPARED);
  private bytes = 0;
  private pieces = 0;
  /** Blocks that a pattern was repeated in beyond its first one, and their bytes. */
  private repeated = 0;
  private repeatedBytes = 0;

  /** @throws UsageError when the folder cannot be made, or is not empty. */
  constructor(
    private readonly folder: string,
    private readonly names: () => Names | null,
  ) {
    this.attempt(() => mkdirSync(folder, { mode: OWNER_FOLDER }), ['EEXIST']);
    if (this.attempt(() => readdirSync(folder)).length > 0) {
      throw new UsageError(`${folder}: is not empty; objects go to a new or empty folder`);
    }
  }

  // TransferSink

  isKnown(file: FileKey): boolean {
    return this.objects.has(nameOf(file));
  }

  data(file: FileKey, kind: TransferKind, offset: number, bytes: Uint8Array, message: Message): void {
    const object = this.objectOf(file, message);
    if (object === null) return;
    object.count(kind, message);
    this.put(object, kind, offset, bytes, message);
  }

  /** Repeats the pattern as often as the bounds allow; bytes beyond them are counted. */
  same(file: FileKey, { offset, length, step, count }: Repetition, bytes: Uint8Array, message: Message): void {
    const object = this.objectOf(file, message);
    if (object === null) return;
    object.count('write', message);
    const most = Math.min(
      count - 1,
      MAX_SAME_BLOCKS - this.repeated,
      Math.floor((MAX_SAME_BYTES - this.repeatedBytes) / length),
    );
    for (let block = 0; block <= most; block++) {
      this.put(object, 'write', offset + block * step, bytes, message);
    }
    this.repeated += most;
    this.repeatedBytes += most * length;
    object.dropped = Math.min(Number.MAX_SAFE_INTEGER, object.dropped + (count - 1 - most) * length);
  }

  private put(object: FileObject, kind: TransferKind, offset: number, bytes: Uint8Array, message: Message): void {
    const { length } = bytes;
    if (!this.hasRoom(object, offset, length)) return;
    const descriptor = this.descriptorOf(object);
    for (const [from, to] of commonRanges(object.ranges, offset, offset + length)) {
      this.compare(object, kind, from, bytes.subarray(from - offset, to - offset), message);
    }
    this.attempt(() => {
      for (let at = 0; at < length; ) at += writeSync(descriptor, bytes, at, length - at, offset + at);
    });
    this.bytes += length;
    if (length === 0) return;
    this.change(object, () => {
      addRange(object.ranges, offset, offset + length);
      removeRange(object.zeros, offset, offset + length);
    });
  }

  zeros(file: FileKey, offset: number, length: number, message: Message): void {
    const object = this.objectOf(file, message);
    if (object === null || length === 0 || !this.hasRoom(object, offset, length, true)) return;
    const { ranges, zeros } = object;
    for (const [from, to] of commonRanges(ranges, offset, offset + length)) {
      for (const [low, high] of missingRanges(zeros, from, to)) this.clear(object, low, high, message);
    }
    this.change(object, () => {
      addRange(ranges, offset, offset + length);
      addRange(zeros, offset, offset + length);
    });
  }

  /**
   * Writes zeros over bytes that came before. The range is then
   * noted as zeros, so the same zeros are not written twice.
   */
  private clear(object: FileObject, from: number, to: number, message: Message): void {
    for (let at = from; at < to; at += COMPARED) {
      this.put(object, 'read', at, ZEROS.subarray(0, Math.min(COMPARED, to - at)), message);
    }
  }

  size(file: FileKey, size: number): void {
    const object = this.objects.get(nameOf(file));
    if (object !== undefined && size <= MAX_OBJECT_SIZE) object.size = size;
  }

  failed(file: FileKey): void {
    const object = this.objects.get(nameOf(file));
    if (object !== undefined) object.failedWrites++;
  }

  /** Gives all files their names and sizes. @returns The objects, in the order of their first transfer. */
  finish(): FileObject[] {
    const paths = new ObjectPaths([BY_HANDLE, LIST]);
    const handles = new ObjectPaths();
    const objects = [...this.objects.values()];
    for (const object of objects) this.nameObject(object);
    for (const object of objects) {
      const { path, hash } = object;
      const parts = path === null ? [BY_HANDLE, ...handles.place(hash)] : paths.place(path);
      this.attempt(() => ftruncateSync(this.descriptorOf(object), object.length));
      this.close(object);
      this.move(this.temporaryOf(object), parts);
      object.place = parts.join('/');
    }
    return objects;
  }

  /** Writes the list of the objects. */
  writeList(text: string): void {
    const temporary = join(this.folder, `.${LIST}${PART}`);
    this.attempt(() => {
      const descriptor = openSync(temporary, 'wx', OWNER_FILE);
      writeFileSync(descriptor, text);
      closeSync(descriptor);
      renameSync(temporary, join(this.folder, LIST));
    });
  }

  private objectOf(file: FileKey, message: Message): FileObject | null {
    const name = nameOf(file);
    let object = this.objects.get(name);
    if (object === undefined) {
      if (this.objects.size >= MAX_OBJECTS) {
        this.dropped++;
        return null;
      }
      object = new FileObject(this.objects.size + 1, file, message);
      this.objects.set(name, object);
      this.create(object);
    }
    // Looked up now, because a file that is removed later no longer has this name.
    if (object.path === null) this.nameObject(object);
    return object;
  }

  private nameObject(object: FileObject): void {
    const [path, ...others] = this.names()?.pathsOf(object.key.server, object.key.handle) ?? [];
    if (path === undefined) return;
    object.path = path;
    object.names = others;
  }

  /** Returns false, and counts the bytes as dropped, if they are beyond a bound. */
  private hasRoom(object: FileObject, offset: number, length: number, isSparse = false): boolean {
    const { ranges, zeros } = object;
    const touches = (list: number[]) => commonRanges(list, Math.max(0, offset - 1), offset + length + 1).length > 0;
    const addsNone = touches(ranges) && touches(zeros) === isSparse;
    const hasPiece =
      addsNone || (ranges.length + zeros.length < 2 * MAX_OBJECT_PIECES && this.pieces < MAX_OBJECT_PIECES_TOTAL);
    const hasBytes = isSparse || this.bytes + length <= MAX_OBJECT_BYTES;
    if (offset + length <= MAX_OBJECT_SIZE && hasPiece && hasBytes) return true;
    object.dropped += length;
    return false;
  }

  /** Changes the known ranges of a file, and counts its pieces. */
  private change({ ranges, zeros }: FileObject, action: () => void): void {
    const before = ranges.length + zeros.length;
    action();
    this.pieces += (ranges.length + zeros.length - before) / 2;
  }

  /** Notes a conflict where new bytes differ from those in the file. */
  private compare(
    object: FileObject,
    kind: TransferKind,
    offset: number,
    bytes: Uint8Array,
    { frame, file }: Message,
  ): void {
    const descriptor = this.descriptorOf(object);
    for (let at = 0; at < bytes.length; at += COMPARED) {
      const length = Math.min(COMPARED, bytes.length - at);
      const read = this.attempt(() => readSync(descriptor, this.before, 0, length, offset + at));
      // Zeros from READ_PLUS holes need not be in the file.
      this.before.fill(0, read, length);
      if (this.before.compare(bytes, at, at + length, 0, length) === 0) continue;
      return object.addConflict({ kind, offset, length: bytes.length, frame, file });
    }
  }

  // Files

  private create(object: FileObject): void {
    this.keepOpen(
      object,
      this.attempt(() => openSync(this.temporaryOf(object), 'wx+', OWNER_FILE)),
    );
  }

  private descriptorOf(object: FileObject): number {
    let descriptor = this.open.get(object.id);
    if (descriptor === undefined) {
      descriptor = this.attempt(() => openSync(this.temporaryOf(object), constants.O_RDWR | constants.O_NOFOLLOW));
    }
    this.open.delete(object.id);
    this.keepOpen(object, descriptor);
    return descriptor;
  }

  private keepOpen({ id }: FileObject, descriptor: number): void {
    this.open.set(id, descriptor);
    if (this.open.size <= MAX_OPEN_OBJECTS) return;
    const [[oldest, unused]] = this.open;
    this.open.delete(oldest);
    closeSync(unused);
  }

  private close({ id }: FileObject): void {
    closeSync(this.open.get(id)!);
    this.open.delete(id);
  }

  private temporaryOf({ id }: FileObject): string {
    return join(this.folder, `.${id}${PART}`);
  }

  /** Creates the target before the file is moved onto it, so that nothing is overwritten and no link is followed. */
  private move(from: string, parts: readonly string[]): void {
    for (let depth = 1; depth < parts.length; depth++) this.makeFolder(join(this.folder, ...parts.slice(0, depth)));
    const to = join(this.folder, ...parts);
    this.attempt(() => {
      closeSync(openSync(to, 'wx', OWNER_FILE));
      renameSync(from, to);
    });
  }

  private makeFolder(path: string): void {
    if (this.folders.has(path)) return;
    this.attempt(() => mkdirSync(path, { mode: OWNER_FOLDER }));
    this.folders.add(path);
  }

  /** @throws UsageError for file system errors, except those that are `expected`. */
  private attempt<T>(action: () => T, expected: readonly string[] = []): T {
    try {
      return action();
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      if (expected.includes(code)) return undefined as T;
      throw new UsageError(`${this.folder}: cannot be written (${errorReason(error)})`);
    }
  }
}

function nameOf({ server, handle }: FileKey): string {
  return `${server.address} ${Buffer.from(handle).toString('latin1')}`;
}
