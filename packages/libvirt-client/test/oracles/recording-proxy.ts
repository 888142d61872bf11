import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PacketReader } from '../../src/wire/packet-reader.js';
import { writePacket, type Packet } from '../../src/wire/packet.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';

export interface RecordedPacket {
  /** Connections are counted from 0. */
  readonly connection: number;
  readonly from: 'client' | 'daemon';
  readonly bytes: Buffer;
}

/** Stands between a client of libvirt, whoever wrote it, and the daemon, and keeps every packet of both. */
export class RecordingProxy implements AsyncDisposable {
  readonly socketPath: string;
  readonly packets: RecordedPacket[] = [];
  readonly #server: Server;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  static async listen(socketPath: string, target: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(socketPath, target);
    await new Promise<void>((resolve) => proxy.#server.listen(socketPath, resolve));
    return proxy;
  }

  private constructor(socketPath: string, target: string) {
    this.socketPath = socketPath;
    this.#target = target;
    this.#server = createServer((client) => this.#bridge(client));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.socketPath, { force: true });
  }

  #bridge(client: Socket): void {
    const daemon = connect(this.#target);
    const connection = this.#connections++;
    for (const socket of [client, daemon]) {
      const other = socket === client ? daemon : client;
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    this.#pass(client, daemon, { connection, from: 'client' });
    this.#pass(daemon, client, { connection, from: 'daemon' });
  }

  #pass(from: Socket, to: Socket, side: Omit<RecordedPacket, 'bytes'>): void {
    const reader = new PacketReader();
    from.on('data', (chunk: Buffer) => {
      reader.push(chunk, (packet) => this.packets.push({ ...side, bytes: bytesOf(packet) }));
      to.write(chunk);
    });
    from.on('end', () => to.end());
  }
}

function bytesOf({ payload, ...header }: Packet): Buffer {
  const writer = new XdrWriter();
  writePacket(writer, header, () => writer.rest(payload));
  return writer.bytes();
}
