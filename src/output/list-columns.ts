/**
 * The recurring columns of the list, prepared: endpoints, program, and call or reply. They are
 * the same for all messages of one direction of a connection. Columns widen with their
 * contents and never shrink; on a terminal they leave room for the summary (`list-layout.ts`).
 */
import width from 'fast-string-width';
import type { Dissection } from '../dissect/dissection.js';
import { MAX_KEPT_DIRECTIONS } from '../limits/output.js';
import { sanitize } from '../terminal/sanitize.js';
import type { Styles } from '../terminal/style.js';
import { PreparedText } from '../xdr/prepared-text.js';
import { directionText } from './endpoint.js';
import type { ListLayout } from './list-layout.js';
import { RecentTexts } from './recent-texts.js';

/** Programs that are remembered for one direction of a connection: NFS and NFSACL share one. */
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

/** The last column of a place: the program; `call`; or `reply`, which the elapsed time follows. */
export type PlaceEnd = 'program' | 'call' | 'reply';

/** The text after the time in all lines of a direction and program. */
interface Place {
  end: PlaceEnd;
  program: number;
  /** A number may get its name later: that of callbacks is known once a client announces it. */
  name: string | undefined;
  version: number;
  /** The generation of widths that it was made for. */
  widths: number;
  text: StyledText;
}

export class Places {
  private readonly places = new RecentTexts<Place[]>(MAX_KEPT_DIRECTIONS);
  endpointsWidth: number;
  programWidth: number;
  /** The current generation of widths. */
  private widths = 0;

  constructor(
    private readonly styles: Styles,
    private readonly layout: ListLayout,
  ) {
    this.endpointsWidth = layout.endpoints;
    this.programWidth = layout.program;
  }

  of(dissection: Dissection, end: PlaceEnd): StyledText {
    const { programName } = dissection;
    const { source, destination, connection, program, version } = dissection.message;
    const key = connection * 2 + (source.id < destination.id ? 0 : 1);
    const places = this.places.get(key);
    if (places !== undefined) {
      for (let i = 0; i < places.length; i++) {
        const place = places[i];
        const isOf = place.program === program && place.version === version && place.end === end;
        if (isOf && place.name === programName && place.widths === this.widths) return place.text;
      }
    }
    return this.add(key, places, dissection, end).text;
  }

  /** Sets the widths, when another writer has widened columns. */
  takeWidths(endpoints: number, program: number): void {
    if (endpoints === this.endpointsWidth && program === this.programWidth) return;
    this.endpointsWidth = endpoints;
    this.programWidth = program;
    this.widths++;
  }

  private add(key: number, known: Place[] | undefined, dissection: Dissection, end: PlaceEnd): Place {
    const place = this.make(dissection, end);
    // Places of other widths are obsolete.
    const others = known?.filter(({ widths }) => widths === place.widths) ?? [];
    this.places.set(key, others.length < MAX_PROGRAMS ? [...others, place] : [place]);
    return place;
  }

  private make(dissection: Dissection, end: PlaceEnd): Place {
    const { message } = dissection;
    const { time, program } = this.styles;
    const { gap, mostEndpoints } = this.layout;
    const endpoints = sanitize(directionText(message.source, message.destination, mostEndpoints));
    const name = sanitize(programText(dissection));
    this.widen(width(endpoints), width(name));
    const parts = [
      time.close,
      `${gap}${endpoints}${' '.repeat(this.endpointsWidth - width(endpoints))}${gap}`,
      program.open,
      name + ' '.repeat(this.programWidth - width(name)),
      program.close,
      ...this.partsOf(end),
    ];
    return {
      end,
      program: message.program,
      name: dissection.programName,
      version: message.version,
      widths: this.widths,
      text: styledText(...parts),
    };
  }

  private partsOf(end: PlaceEnd): string[] {
    const { layout, styles } = this;
    const { call, reply, dim } = styles;
    if (end === 'program') return [];
    return end === 'call' ? [call.open, layout.call, call.close] : [reply.open, layout.reply, reply.close, dim.open];
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
