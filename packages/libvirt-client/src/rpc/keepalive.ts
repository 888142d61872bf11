import type { PacketHeader } from '../wire/packet.js';

const PROGRAM = 0x6b65_6570;
const PING = 1;
const PONG = 2;

export interface KeepaliveOptions {
  /** After so much silence of the peer it is asked for a sign of life. Default 5000. */
  readonly intervalMs?: number;
  /** So many unanswered questions end the connection. Default 5. */
  readonly countMax?: number;
}

/**
 * Finds out that the peer is gone although the socket is open, and tells the peer that we are not. Everything that
 * comes from the peer counts as a sign of life.
 */
export class Keepalive {
  readonly #intervalMs: number;
  readonly #countMax: number;
  readonly #send: (header: PacketHeader) => void;
  readonly #giveUp: (silenceMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #heard = false;
  #unanswered = 0;

  constructor(options: KeepaliveOptions, send: (header: PacketHeader) => void, giveUp: (silenceMs: number) => void) {
    this.#intervalMs = options.intervalMs ?? 5_000;
    this.#countMax = options.countMax ?? 5;
    this.#send = send;
    this.#giveUp = giveUp;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  heard(): void {
    this.#heard = true;
  }

  /** Takes a keepalive packet; false for a packet of another program. */
  answer(packet: PacketHeader): boolean {
    if (packet.program !== PROGRAM) return false;
    if (packet.procedure === PING) this.#send(keepalivePacket(PONG));
    return true;
  }

  #tick(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered >= this.#countMax) return this.#giveUp(this.#intervalMs * (this.#countMax + 1));
    this.#unanswered++;
    this.#send(keepalivePacket(PING));
  }
}

function keepalivePacket(procedure: number): PacketHeader {
  return { program: PROGRAM, version: 1, procedure, type: 2, serial: 0, status: 0 };
}
