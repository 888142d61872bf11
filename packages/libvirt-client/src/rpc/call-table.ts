import type { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import { LibvirtArgumentError } from '../wire/libvirt-argument-error.js';
import { PacketStatus, PacketType, type Packet } from '../wire/packet.js';
import { ProtocolError } from '../wire/protocol-error.js';
import { CallLanes, type LaneLimits } from './call-lanes.js';
import type { Outbox } from './outbox.js';
import type { PendingCall } from './pending-call.js';

const SERIAL_MAX = 0xffff_ffff;

/** The calls of one connection: in line, or sent and known by their serial. */
export class CallTable {
  readonly lanes: CallLanes;
  readonly #outbox: Outbox;
  readonly #isTaken: (serial: number) => boolean;
  readonly #sent = new Map<number, PendingCall>();
  #lastSerial = 0;

  /** `isTaken` tells of serials that are in use although their calls are answered. */
  constructor(limits: LaneLimits, outbox: Outbox, isTaken: (serial: number) => boolean) {
    this.lanes = new CallLanes(limits, { send: this.#send, now: () => performance.now() });
    this.#outbox = outbox;
    this.#isTaken = isTaken;
  }

  /** The call that a reply answers. It keeps its place until `done` is called. @throws ProtocolError if there is none */
  answeredBy(packet: Packet): PendingCall {
    const call = this.#sent.get(packet.serial);
    if (call !== undefined && call.procedure.number === packet.procedure) return call;
    throw new ProtocolError(
      `a reply of procedure ${packet.procedure} to serial ${packet.serial}, which has no such call`,
    );
  }

  /** The call that was sent with a serial and is not answered yet. */
  awaiting(serial: number): PendingCall | undefined {
    return this.#sent.get(serial);
  }

  done(call: PendingCall): void {
    if (call.serial !== undefined) this.#sent.delete(call.serial);
    call.lane.done(call);
  }

  /** Fails every call but one, with its own view of `end`. Those that were sent are not released by it: see `clear`. */
  fail(end: LibvirtConnectionError, spared?: PendingCall): void {
    for (const call of this.lanes.drain()) {
      call.reject(end.forCall(call.procedure.name, false));
      call.release();
    }
    for (const call of this.#sent.values()) {
      if (call !== spared) call.reject(end.forCall(call.procedure.name, true));
    }
  }

  /** The connection is gone: no reply will come. */
  clear(): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const call of sent) call.release();
  }

  readonly #send = (call: PendingCall): void => {
    const serial = this.#nextSerial();
    const { procedure } = call;
    const header = {
      program: procedure.program.number,
      version: procedure.program.version,
      procedure: procedure.number,
      type: PacketType.CALL,
      serial,
      status: PacketStatus.OK,
    };
    try {
      this.#outbox.add(header, (writer) => procedure.arguments.write(writer, call.args));
    } catch (error) {
      throw LibvirtArgumentError.within(procedure.name, error);
    }
    call.serial = serial;
    this.#sent.set(serial, call);
  };

  #nextSerial(): number {
    do this.#lastSerial = this.#lastSerial >= SERIAL_MAX ? 1 : this.#lastSerial + 1;
    while (this.#sent.has(this.#lastSerial) || this.#isTaken(this.#lastSerial));
    return this.#lastSerial;
  }
}
