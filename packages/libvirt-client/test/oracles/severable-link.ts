import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to the daemon that can be cut in the ways in which networks cut. */
export class SeverableLink implements AsyncDisposable {
  readonly socketPath: string;
  readonly #server: Server;
  readonly #pairs: { readonly client: Socket; readonly daemon: Socket }[] = [];

  static async listen(socketPath: string, target: string): Promise<SeverableLink> {
    const link = new SeverableLink(socketPath, target);
    await new Promise<void>((resolve) => link.#server.listen(socketPath, resolve));
    return link;
  }

  private constructor(socketPath: string, target: string) {
    this.socketPath = socketPath;
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const daemon = connect(target);
      this.#pairs.push({ client, daemon });
      for (const socket of [client, daemon]) socket.on('error', () => socket.destroy());
      client.pipe(daemon, { end: false });
      daemon.pipe(client, { end: false });
    });
  }

  /** Nothing comes through any more, and nobody is told: a peer that has lost its power. */
  swallow(): void {
    for (const { client, daemon } of this.#pairs) {
      client.unpipe(daemon).resume();
      daemon.unpipe(client).resume();
    }
  }

  /** One direction is closed in good order, the other stays open. */
  closeHalf(): void {
    for (const { client, daemon } of this.#pairs) {
      daemon.unpipe(client);
      client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, daemon } of this.#pairs) for (const socket of [client, daemon]) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.socketPath, { force: true });
  }
}
