/**
 * What is known of files: which handles mean the same file, and by which links (a directory and a name) a file is
 * reached. A handle belongs to a server (an address: MOUNT, NFS, NLM, NFSACL and RQUOTA share handles). A file is also
 * known by its identity on the server: file system and number (fsid, fileid).
 *
 * A file has all the links that were learnt, and shows the one learnt last; removing
 * one leaves the others. Tables are bounded; the entries that were not used for longest
 * are forgotten, and counted. Names are kept as on the wire, one character a byte.
 */
import { MAX_KNOWN_HANDLES, MAX_KNOWN_LINKS, MAX_NAME_KEPT } from '../../limits/dissect.js';
import { crc32 } from '../../xdr/crc32.js';
import { type File, type Key, Link } from './file.js';
import { FilePaths } from './file-paths.js';
import { addBytes, addText, beginFingerprint, fingerprint } from './fingerprint.js';
import { RecencyTable } from './recency-table.js';

/** Scopes of fingerprints that are no handles; a handle's is its server's number. */
const IDENTITY = 0x66696c65;
const ROOT = 0x726f6f74;

const NO_BYTES: Uint8Array = new Uint8Array(0);

export class FileNames {
  private readonly keys: RecencyTable<Key>;
  private readonly links: RecencyTable<Link>;
  private files = 0;
  readonly paths: FilePaths;
  /** The handle last looked up: a message's is asked for to learn, and to be shown. */
  private readonly last = { bytes: NO_BYTES, start: 0, end: 0, server: 0, key: null as Key | null };
  /** The same of the name last looked up. */
  private readonly lastLink = {
    bytes: NO_BYTES,
    start: 0,
    end: 0,
    dir: null as File | null,
    link: null as Link | null,
  };

  constructor(handles = MAX_KNOWN_HANDLES, links = MAX_KNOWN_LINKS) {
    this.keys = new RecencyTable(handles, (key) => forgetIdentity(key));
    this.links = new RecencyTable(links, (link) => this.detach(link));
    this.paths = new FilePaths(this.links);
  }

  /** Handles and links that were forgotten. */
  get evicted(): number {
    return this.keys.evicted + this.links.evicted;
  }

  /** Begins another message: its bytes may stand where others stood before. */
  begin(): void {
    this.last.bytes = NO_BYTES;
    this.lastLink.bytes = NO_BYTES;
  }

  // Handles and identities

  /** The file that a handle means; null when it was not seen before. */
  find(server: number, bytes: Uint8Array, start: number, end: number): File | null {
    return this.keyOf(server, bytes, start, end)?.file ?? null;
  }

  /** The file that a handle means; a handle not seen before opens a file. */
  fileOf(server: number, bytes: Uint8Array, start: number, end: number): File {
    const known = this.keyOf(server, bytes, start, end);
    if (known !== null) return known.file;
    const file = this.newFile(crc32(bytes, start, end));
    this.last.key = this.addKey(file);
    return file;
  }

  /**
   * Says that a handle means a file which had only a name so far.
   * Returns that file, or the one that the handle had before.
   */
  adopt(server: number, bytes: Uint8Array, start: number, end: number, file: File): File {
    const known = this.keyOf(server, bytes, start, end);
    if (known !== null) return known.file;
    if (file.hash !== null) return this.fileOf(server, bytes, start, end);
    file.hash = crc32(bytes, start, end);
    this.last.key = this.addKey(file);
    return file;
  }

  /** A server's root, which every client reaches by no name (PUTROOTFH). */
  rootOf(server: number): File {
    const known = this.rootKeyOf(server);
    if (known !== null) return known.file;
    const file = this.newFile(null);
    this.addKey(file);
    this.setRoot(file, '/');
    return file;
  }

  /** Says that a server's root is this file, whose handle GETFH gave, if it had no name so far. */
  moveRoot(server: number, file: File): void {
    const key = this.rootKeyOf(server);
    if (key === null || file.link !== null) return;
    key.file = file;
    this.setRoot(file, '/');
  }

  /** The file of an identity; null when it was not seen before. */
  fileOfIdentity(server: number, identity: Identity): File | null {
    return this.keyOfIdentity(server, identity)?.file ?? null;
  }

  /**
   * Learns from a listing that `name` in `dir` is the file of this identity. A file known by name keeps its handle: a
   * listing of identities says less than one of handles.
   */
  linkIdentity(server: number, identity: Identity, dir: File, name: string): void {
    const known = this.keyOfIdentity(server, identity);
    if (known !== null) return this.link(dir, name, known.file);
    const { low, high } = fingerprint;
    const child = this.childOf(dir, name);
    if (child === null) return;
    fingerprint.low = low;
    fingerprint.high = high;
    this.addKey(child);
  }

  /** Says that `file` has this identity: a file without a name takes the one that the identity has. */
  identify(server: number, identity: Identity, file: File): void {
    const known = this.keyOfIdentity(server, identity);
    file.identity = known ?? this.addKey(file);
    if (known !== null && known.file !== file) {
      const named = known.file.link;
      if (file.link === null && named?.parent) this.link(named.parent, named.name, file);
      forgetIdentity(known);
      known.file = file;
    }
  }

  /** True when a file has its identity: saying so again would teach nothing. */
  isIdentified({ identity }: File): boolean {
    if (identity === null) return false;
    this.keys.use(identity);
    return true;
  }

  // Links

  /** A root: a file with a path of its own (MOUNT). */
  setRoot(file: File, path: string): void {
    if (file.link?.parent === null && file.link.name === path) return;
    beginFingerprint(file.id);
    addText(path);
    fingerprint.high ^= ROOT;
    if (this.links.find(fingerprint.low, fingerprint.high) === null) this.addLink(null, path, file);
  }

  /** The link that `bytes[start..end)` is known to name in `dir`; makes no text of it. */
  findLink(dir: File, bytes: Uint8Array, start: number, end: number): Link | null {
    const { lastLink: last } = this;
    if (last.bytes === bytes && last.start === start && last.end === end && last.dir === dir) return last.link;
    beginFingerprint(dir.id);
    addBytes(bytes, start, end);
    last.bytes = bytes;
    last.start = start;
    last.end = end;
    last.dir = dir;
    last.link = this.links.find(fingerprint.low, fingerprint.high);
    return last.link;
  }

  /** True when a link that was found before is still the one of `child` learnt last: saying so again would teach nothing. */
  isNewest(link: Link, child: File): boolean {
    if (child.link !== link) return false;
    this.links.use(link);
    return true;
  }

  /** Says that `name` in `dir` is `child`, and no other file any more. */
  link(dir: File, name: string, child: File): void {
    if (!isName(name)) return;
    const known = this.linkOf(dir, name);
    if (known !== null) {
      if (known.child === child) return this.renew(known);
      this.drop(known);
    }
    this.addLink(dir, name, child);
  }

  /** The file that `name` in `dir` is; one not seen before opens a file without a handle. null for what is no name. */
  childOf(dir: File, name: string): File | null {
    if (!isName(name)) return null;
    const known = this.linkOf(dir, name);
    if (known !== null) return known.child;
    const child = this.newFile(null);
    this.addLink(dir, name, child);
    return child;
  }

  /** The file of an entry that was looked for before: a link that is still there is not looked for again. */
  enter(dir: File, entry: Link | string): File | null {
    if (typeof entry === 'string') return this.childOf(dir, entry);
    if (entry.parent !== dir || !this.links.has(entry)) return this.childOf(dir, entry.name);
    this.links.use(entry);
    return entry.child;
  }

  /** The directory that a file is in; null when it is not known. */
  parentOf(file: File): File | null {
    return file.link?.parent ?? null;
  }

  unlink(dir: File, name: string): void {
    const known = this.linkOf(dir, name);
    if (known !== null) this.drop(known);
  }

  /** Moves a link, over the one that was there; two names of the same file both stay (POSIX rename). */
  rename(dir: File, name: string, toDir: File, toName: string): void {
    const target = this.linkOf(toDir, toName);
    const known = this.linkOf(dir, name);
    if (known !== null && target !== null && known.child === target.child) return;
    if (target !== null) this.drop(target);
    if (known === null) return;
    this.drop(known);
    this.link(toDir, toName, known.child);
  }

  // Tables

  private newFile(hash: number | null): File {
    return { id: ++this.files | 0, hash, link: null, path: NO_BYTES, pathOf: 0, identity: null, label: null };
  }

  private keyOf(server: number, bytes: Uint8Array, start: number, end: number): Key | null {
    const { last } = this;
    if (last.bytes === bytes && last.start === start && last.end === end && last.server === server && last.key)
      return last.key;
    beginFingerprint(server);
    addBytes(bytes, start, end);
    last.bytes = bytes;
    last.start = start;
    last.end = end;
    last.server = server;
    last.key = this.keys.find(fingerprint.low, fingerprint.high);
    return last.key;
  }

  private rootKeyOf(server: number): Key | null {
    beginFingerprint(server);
    addText('/');
    fingerprint.high ^= ROOT;
    return this.keys.find(fingerprint.low, fingerprint.high);
  }

  private keyOfIdentity(server: number, { bytes, fsid, fileid, size }: Identity): Key | null {
    beginFingerprint(server ^ IDENTITY);
    addBytes(bytes, fsid, fsid + size);
    addBytes(bytes, fileid, fileid + size);
    return this.keys.find(fingerprint.low, fingerprint.high);
  }

  /** Adds the fingerprint last made. */
  private addKey(file: File): Key {
    const key = { low: fingerprint.low, high: fingerprint.high, chain: null, turn: 0, file };
    this.keys.add(key);
    return key;
  }

  private linkOf(dir: File, name: string): Link | null {
    beginFingerprint(dir.id);
    addText(name);
    return this.links.find(fingerprint.low, fingerprint.high);
  }

  /** Adds a link of the fingerprint last made. */
  private addLink(parent: File | null, name: string, child: File): void {
    if (name.length > MAX_NAME_KEPT) return;
    const { low, high } = fingerprint;
    const link = new Link(low, high, parent, name, child);
    // Showing a kept path does not mark its links as used. So paths are made anew each turn, which marks them, before
    // unused links leave.
    if (this.links.add(link)) this.paths.change();
    this.lastLink.bytes = NO_BYTES;
    this.attach(link);
  }

  /** A link learnt again is the one learnt last. */
  private renew(link: Link): void {
    if (link.newer === null) return;
    this.detach(link);
    this.attach(link);
  }

  private drop(link: Link): void {
    this.links.remove(link);
    this.detach(link);
  }

  /** Makes a link its file's newest. */
  private attach(link: Link): void {
    const { child } = link;
    if (child.pathOf > 0) this.paths.change();
    link.older = child.link;
    link.newer = null;
    if (child.link !== null) child.link.newer = link;
    child.link = link;
  }

  private detach(link: Link): void {
    this.lastLink.bytes = NO_BYTES;
    if (link.child.pathOf > 0) this.paths.change();
    if (link.newer === null) link.child.link = link.older;
    else link.newer.older = link.older;
    if (link.older !== null) link.older.newer = link.newer;
  }
}

/** Where file system and number of a file lie in `bytes`, `size` bytes each. */
export interface Identity {
  bytes: Uint8Array;
  fsid: number;
  fileid: number;
  size: number;
}

function forgetIdentity(key: Key): void {
  if (key.file.identity === key) key.file.identity = null;
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..';
}
