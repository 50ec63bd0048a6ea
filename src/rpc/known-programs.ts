/**
 * Which program is where, as announced on the wire (rpcbind, CALLIT, callbacks that are asked for): a sink that `rpc` owns and that
 * later stages fill. It helps where bytes do not say; it never decides against them. Bounded; what finds no room is counted.
 */
import { MAX_ANNOUNCED_FRAMES, MAX_ANNOUNCED_PROGRAMS } from '../limits.js';

/** A program at a place. */
export interface ProgramPlace {
  program: number;
  version: number;
  /** `tcp`, `udp`; another transport as rpcbind names it (`local`). */
  transport: string;
  address: string;
  /** null where there is none (`local`), or it was not said. */
  port: number | null;
}

/** A place that was announced, or asked for in vain, and the first frames of the replies that said so. */
export interface AnnouncedProgram extends ProgramPlace {
  isRefused: boolean;
  frames: number[];
}

export class KnownPrograms {
  /** Announcements that found no room. */
  dropped = 0;
  private readonly known = new Map<string, AnnouncedProgram>();

  announce(place: ProgramPlace, frame: number): void {
    this.add(place, false, frame);
  }

  /** Somebody asked the server at `place.address` where a program is, and it has none. */
  refuse(place: ProgramPlace, frame: number): void {
    this.add(place, true, frame);
  }

  /** All of them, in the order in which they were first said. */
  list(): AnnouncedProgram[] {
    return [...this.known.values()];
  }

  private add(place: ProgramPlace, isRefused: boolean, frame: number): void {
    const key = `${isRefused} ${placeKey(place)}`;
    const known = this.known.get(key);
    if (known !== undefined) {
      if (known.frames.length < MAX_ANNOUNCED_FRAMES && known.frames.at(-1) !== frame) known.frames.push(frame);
    } else if (this.known.size < MAX_ANNOUNCED_PROGRAMS) this.known.set(key, { ...place, isRefused, frames: [frame] });
    else this.dropped++;
  }
}

/** The same text for the same program at the same place. */
export function placeKey({ program, version, transport, address, port }: ProgramPlace): string {
  return `${program} ${version} ${transport} ${port} ${address}`;
}
