/**
 * The columns of the list that recur, prepared: endpoints, program and whether it is a call, the same for all messages of one direction
 * of a connection. Columns grow with what they hold and never shrink; on a terminal they leave room for what happened
 * (`list-layout.ts`).
 */
import width from 'fast-string-width';
import type { Dissection } from '../dissect/dissector.js';
import { MAX_CACHED_TEXTS } from '../limits.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { directionText } from './endpoint.js';
import type { ListLayout } from './list-layout.js';

/** Programs of one direction of a connection that are remembered at a time: NFS and NFSACL share one. */
const MAX_PROGRAMS = 4;

/** A part of many lines, and how many of its bytes are escape sequences. */
export interface StyledText {
  text: PreparedText;
  escapes: number;
}

export function styledText(...parts: string[]): StyledText {
  const escapes = parts.filter((part) => part.startsWith('\u001b')).join('').length;
  return { text: new PreparedText(parts.join('')), escapes };
}

/** What stands behind the time in all lines of a direction and program. */
export interface Place {
  program: number;
  version: number;
  /** The number of the widths that it was made for. */
  widths: number;
  /** Up to the program; with the column of calls; with that of replies, up to the elapsed time. */
  ends: StyledText;
  call: StyledText;
  reply: StyledText;
}

export class Places {
  private readonly places = new Map<number, Place[]>();
  endpointsWidth: number;
  programWidth: number;
  /** Counts the widths that there were. */
  private widths = 0;

  constructor(
    private readonly styles: Styles,
    private readonly layout: ListLayout,
  ) {
    this.endpointsWidth = layout.endpoints;
    this.programWidth = layout.program;
  }

  of(dissection: Dissection): Place {
    const { source, destination, connection, program, version } = dissection.message;
    const key = connection * 2 + (source.id < destination.id ? 0 : 1);
    const places = this.places.get(key);
    if (places !== undefined) {
      for (let i = 0; i < places.length; i++) {
        const place = places[i];
        if (place.program === program && place.version === version && place.widths === this.widths) return place;
      }
    }
    return this.add(key, places, dissection);
  }

  /** Goes on with other widths. */
  takeWidths(endpoints: number, program: number): void {
    if (endpoints === this.endpointsWidth && program === this.programWidth) return;
    this.endpointsWidth = endpoints;
    this.programWidth = program;
    this.widths++;
  }

  private add(key: number, known: Place[] | undefined, dissection: Dissection): Place {
    if (known === undefined && this.places.size >= MAX_CACHED_TEXTS) this.places.clear();
    const place = this.make(dissection);
    // Those of other widths are of no use any more.
    const others = known?.filter(({ widths }) => widths === place.widths) ?? [];
    this.places.set(key, others.length < MAX_PROGRAMS ? [...others, place] : [place]);
    return place;
  }

  private make(dissection: Dissection): Place {
    const { message } = dissection;
    const { time, program, call, reply, dim } = this.styles;
    const { gap, mostEndpoints } = this.layout;
    const endpoints = sanitize(directionText(message.source, message.destination, mostEndpoints));
    const name = sanitize(programText(dissection));
    this.widen(width(endpoints), width(name));
    const ends = [
      time.close,
      `${gap}${endpoints}${' '.repeat(this.endpointsWidth - width(endpoints))}${gap}`,
      program.open,
      name + ' '.repeat(this.programWidth - width(name)),
      program.close,
    ];
    return {
      program: message.program,
      version: message.version,
      widths: this.widths,
      ends: styledText(...ends),
      call: styledText(...ends, call.open, this.layout.call, call.close),
      reply: styledText(...ends, reply.open, this.layout.reply, reply.close, dim.open),
    };
  }

  private widen(endpoints: number, program: number): void {
    if (endpoints <= this.endpointsWidth && program <= this.programWidth) return;
    this.endpointsWidth = Math.max(this.endpointsWidth, endpoints);
    this.programWidth = Math.max(this.programWidth, program);
    this.widths++;
  }
}

function programText({ message, programName }: Dissection): string {
  if (!message.hasProgram) return 'RPC';
  const name = programName ?? String(message.program);
  return message.version >= 0 ? `${name} v${message.version}` : name;
}
