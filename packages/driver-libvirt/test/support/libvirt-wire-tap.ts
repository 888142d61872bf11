import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A call to libvirtd as it goes by, with its place among the calls of one procedure. */
export interface TappedCall {
  readonly procedure: number;
  readonly nth: number;
}

/** Called before a call is passed on (`sent`) and before its answer is (`answered`). What it returns is waited for. */
export type Tap = (call: TappedCall, moment: 'sent' | 'answered') => Promise<void> | void;

/** Offsets in a packet's header; see packet.ts of libvirt-client. */
const LENGTH = 0;
const PROCEDURE = 12;
const TYPE = 16;
const SERIAL = 20;
const HEADER_BYTES = 28;
const TYPE_CALL = 0;
const TYPE_REPLY = 1;

/** Stands between a client and libvirtd's socket, and tells of every call and every answer before it passes them on. */
export class LibvirtWireTap implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #path: string;
  readonly #counts = new Map<number, number>();
  tap: Tap = () => undefined;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  static async listen(path: string, target: string): Promise<LibvirtWireTap> {
    const server = createServer();
    const wire = new LibvirtWireTap(server, path);
    server.on('connection', (client) => wire.#bridge(client, connect(target)));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return wire;
  }

  /** Counts calls anew. */
  reset(): void {
    this.#counts.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }

  #bridge(client: Socket, daemon: Socket): void {
    const calls = new Map<number, TappedCall>();
    const end = (): void => {
      client.destroy();
      daemon.destroy();
    };
    for (const socket of [client, daemon]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    void this.#pass(client, daemon, async (packet) => {
      if (packet.readUInt32BE(TYPE) !== TYPE_CALL) return;
      const procedure = packet.readUInt32BE(PROCEDURE);
      const nth = (this.#counts.get(procedure) ?? 0) + 1;
      this.#counts.set(procedure, nth);
      calls.set(packet.readUInt32BE(SERIAL), { procedure, nth });
      await this.tap({ procedure, nth }, 'sent');
    });
    void this.#pass(daemon, client, async (packet) => {
      if (packet.readUInt32BE(TYPE) !== TYPE_REPLY) return;
      const call = calls.get(packet.readUInt32BE(SERIAL));
      if (call) await this.tap(call, 'answered');
    });
  }

  async #pass(from: Socket, to: Socket, heed: (packet: Buffer) => Promise<void>): Promise<void> {
    let pending = Buffer.alloc(0);
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= HEADER_BYTES && pending.length >= pending.readUInt32BE(LENGTH)) {
          const packet = pending.subarray(0, pending.readUInt32BE(LENGTH));
          await heed(packet);
          to.write(packet);
          pending = pending.subarray(packet.length);
        }
      }
    } catch {
      // One end is gone; the other is closed with it.
    }
  }
}
