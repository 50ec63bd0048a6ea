/**
 * Which program is where, as announced on the wire (rpcbind, CALLIT, requested callbacks). `rpc` owns this table, later
 * stages fill it, and `rpcdump services` lists it; what is RPC is decided without it. Bounded; announcements without
 * room are counted.
 */
import { MAX_ANNOUNCED_FRAMES, MAX_ANNOUNCED_PROGRAMS } from '../limits/rpc.js';

/** A program at an address. */
export interface ProgramPlace {
  program: number;
  version: number;
  /** `tcp`, `udp`, or another transport by rpcbind's name for it (`local`). */
  transport: string;
  address: string;
  /** null: the transport has none (`local`), or it was not said. */
  port: number | null;
}

/** A frame: its number in its input, the index of that input, and its place among the frames of all inputs. */
export interface FrameNumber {
  frame: number;
  file: number;
  order: number;
}

/** A place that was announced, or that a server refused, and the first frames of the replies that said so. */
export interface AnnouncedProgram extends ProgramPlace {
  isRefused: boolean;
  frames: FrameNumber[];
}

export class KnownPrograms {
  /** Announcements for which there was no room. */
  dropped = 0;
  private readonly known = new Map<string, AnnouncedProgram>();

  announce(place: ProgramPlace, frame: FrameNumber): void {
    this.add(place, false, frame);
  }

  /** The server at `place.address` was asked for a program and does not have it. */
  refuse(place: ProgramPlace, frame: FrameNumber): void {
    this.add(place, true, frame);
  }

  /** All places, in the order in which they were first announced or refused. */
  list(): AnnouncedProgram[] {
    return [...this.known.values()];
  }

  private add(place: ProgramPlace, isRefused: boolean, { frame, file, order }: FrameNumber): void {
    const key = `${isRefused} ${placeKey(place)}`;
    const known = this.known.get(key);
    if (known !== undefined) {
      const isNew = known.frames.at(-1)!.order !== order;
      if (isNew && known.frames.length < MAX_ANNOUNCED_FRAMES) known.frames.push({ frame, file, order });
    } else if (this.known.size < MAX_ANNOUNCED_PROGRAMS)
      this.known.set(key, { ...place, isRefused, frames: [{ frame, file, order }] });
    else this.dropped++;
  }
}

/** A text that is the same for the same program at the same place. */
export function placeKey({ program, version, transport, address, port }: ProgramPlace): string {
  return `${program} ${version} ${transport} ${port} ${address}`;
}
