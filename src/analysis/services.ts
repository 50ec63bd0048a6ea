/**
 * Services: which program and version was announced or used at which address and port. Uses are counted by the headers
 * and status of messages; retransmissions do not count. Bounded; messages of services that found no room are counted.
 */
import type { Dissection } from '../dissect/dissection.js';
import { MAX_SERVICES } from '../limits/analysis.js';
import type { Endpoint } from '../network/flow.js';
import { RDMA, TRANSPORTS, transportName } from '../network/protocols.js';
import { type AnnouncedProgram, type FrameNumber, type ProgramPlace, placeKey } from '../rpc/known-programs.js';
import { CALL, type Message } from '../rpc/message.js';

/** Services that an endpoint's short list holds: a port serves a few programs and versions. The others are looked up. */
const LISTED_SERVICES = 16;

export interface Service extends ProgramPlace {
  /** Short name; undefined for unknown programs. */
  name: string | undefined;
  /** Frames of the replies that announced it; frames of those that said that it is not available. */
  announced: readonly FrameNumber[];
  refused: readonly FrameNumber[];
  calls: number;
  replies: number;
  /** Replies that report a failure, of RPC or by the program's status. */
  errors: number;
  /** The first frame in which it was announced, refused or used. */
  first: FrameNumber;
}

export class Services {
  /** Messages of services that found no room. */
  uncounted = 0;
  private readonly used = new Map<string, Service>();
  /** The first services of each endpoint, by its number: a cache. */
  private readonly byEndpoint = new Map<number, Service[]>();

  /** Counts a message for the program that it calls, or that answers. */
  count({ message, programName, error }: Dissection): void {
    if (!message.hasProgram || message.retransmission !== null) return;
    const isCall = message.type === CALL;
    const service = this.at(message, isCall ? message.destination : message.source, programName);
    if (service === null) {
      this.uncounted++;
      return;
    }
    if (isCall) service.calls++;
    else service.replies++;
    if (error) service.errors++;
  }

  /**
   * All services, also those that were only announced; available
   * ones first, by program, version, address, transport and port.
   */
  rows(
    announced: readonly AnnouncedProgram[],
    nameOf: (program: number, version: number) => string | undefined,
  ): Service[] {
    const rows = new Map([...this.used].map(([key, service]) => [key, { ...service }]));
    for (const { isRefused, frames, ...place } of announced) {
      const key = isRefused ? `refused ${placeKey(place)}` : placeKey(place);
      const service = rows.get(key) ?? newService(place, nameOf(place.program, place.version), frames[0]);
      if (isRefused) service.refused = frames;
      else service.announced = frames;
      if (frames[0].order < service.first.order) service.first = frames[0];
      rows.set(key, service);
    }
    return [...rows.values()].sort(compare);
  }

  private at(message: Message, server: Endpoint, name: string | undefined): Service | null {
    const { program, version } = message;
    const transport = transportName(message.protocol);
    const key = server.id * TRANSPORTS.length + TRANSPORTS.indexOf(transport);
    let services = this.byEndpoint.get(key);
    const known = services?.find((service) => service.program === program && service.version === version);
    if (known !== undefined) return known;
    const place = {
      program,
      version,
      transport,
      address: server.address,
      port: message.protocol === RDMA ? null : server.port,
    };
    // An endpoint that was forgotten and seen again has another number.
    const service = this.used.get(placeKey(place)) ?? this.add(place, name, message);
    if (service === null) return null;
    if (services === undefined) {
      if (this.byEndpoint.size >= MAX_SERVICES) this.byEndpoint.clear();
      services = [];
      this.byEndpoint.set(key, services);
    }
    if (services.length < LISTED_SERVICES) services.push(service);
    return service;
  }

  private add(place: ProgramPlace, name: string | undefined, { frame, file, order }: Message): Service | null {
    if (this.used.size >= MAX_SERVICES) return null;
    const service = newService(place, name, { frame, file, order });
    this.used.set(placeKey(place), service);
    return service;
  }
}

function newService(place: ProgramPlace, name: string | undefined, first: FrameNumber): Service {
  return { ...place, name, announced: [], refused: [], calls: 0, replies: 0, errors: 0, first };
}

function compare(a: Service, b: Service): number {
  return (
    Number(a.refused.length > 0) - Number(b.refused.length > 0) ||
    a.program - b.program ||
    a.version - b.version ||
    compareText(a.address, b.address) ||
    compareText(a.transport, b.transport) ||
    (a.port ?? -1) - (b.port ?? -1)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
