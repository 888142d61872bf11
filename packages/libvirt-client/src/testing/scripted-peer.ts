import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyProcedure, EventMessage, Procedure } from '../procedures/procedure.js';
import * as qemu from '../procedures/qemu.gen.js';
import * as remote from '../procedures/remote.gen.js';
import { PacketReader } from '../wire/packet-reader.js';
import { PacketType, writePacket, type Packet, type PacketHeader } from '../wire/packet.js';
import { XdrReader } from '../wire/xdr-reader.js';
import { XdrWriter } from '../wire/xdr-writer.js';
import { Deferred } from '../rpc/deferred.js';
import { ScriptedCall } from './scripted-call.js';

const KEEPALIVE_PROGRAM = 0x6b65_6570;
const PONG = 2;

const procedures: ReadonlyMap<string, AnyProcedure> = new Map(
  [...Object.values(remote), ...Object.values(qemu)]
    .filter((entry) => 'arguments' in entry)
    .map((entry) => [`${entry.program.number}:${entry.number}`, entry]),
);

type Answer = (call: ScriptedCall) => unknown;

/** A packet of a stream, or of keepalive, as the client has sent it. */
export interface ReceivedPacket extends PacketHeader {
  readonly bytes: Uint8Array;
}

/**
 * A libvirt daemon that does what a test tells it: on a unix socket of its own, with real packets.
 *
 *     await using peer = await ScriptedPeer.listen();
 *     const connection = await RpcConnection.open({ socketPath: peer.socketPath });
 *     const state = connection.call(procedures.domainGetState, { dom, flags: 0 });
 *     (await peer.next(procedures.domainGetState)).reply({ state: 1, reason: 1 });
 *
 * It answers by itself what opens and closes a connection, and keepalive. Everything else waits for `next`, or for an
 * `answer` that was given beforehand.
 */
export class ScriptedPeer implements AsyncDisposable {
  readonly socketPath: string;
  /** The names of all procedures that were called, in order. */
  readonly calls: string[] = [];
  /** All packets that were neither calls nor answered by themselves, in order. */
  readonly packets: ReceivedPacket[] = [];
  readonly #directory: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Map<AnyProcedure, Answer>();
  readonly #unclaimed: ScriptedCall[] = [];
  readonly #waiting: (() => void)[] = [];
  #keepalive: 'answered' | 'ignored' = 'answered';

  static async listen(): Promise<ScriptedPeer> {
    const directory = await mkdtemp(join(tmpdir(), 'virtkit-peer-'));
    const peer = new ScriptedPeer(directory);
    await peer.startListening();
    return peer;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.socketPath = join(directory, 'sock');
    this.#server = createServer((socket) => this.#serve(socket));
    this.answer(remote.authList, () => ({ types: [0] }));
    this.answer(remote.connectSupportsFeature, () => ({ supported: 1 }));
    this.answer(remote.connectOpen, () => ({}));
    this.answer(remote.connectClose, () => ({}));
    this.answer(remote.connectDomainEventCallbackDeregisterAny, () => ({}));
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** Answers every call of a procedure from now on. */
  answer<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    answer: (call: ScriptedCall<Arguments, Result>) => NoInfer<Result>,
  ): void {
    this.#answers.set(procedure, answer as Answer);
  }

  /** Leaves the calls of a procedure to `next` again. */
  hold(procedure: AnyProcedure): void {
    this.#answers.delete(procedure);
  }

  /** The next call of a procedure that nobody has answered. Waits for it. */
  async next<Arguments, Result>(procedure: Procedure<Arguments, Result>): Promise<ScriptedCall<Arguments, Result>> {
    await this.until(() => this.#unclaimed.some((call) => call.procedure === procedure));
    const index = this.#unclaimed.findIndex((call) => call.procedure === procedure);
    return this.#unclaimed.splice(index, 1)[0] as ScriptedCall<Arguments, Result>;
  }

  /** Resolves when what the peer has received makes `condition` true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const received = new Deferred<void>();
      this.#waiting.push(() => received.resolve());
      await received.promise;
    }
  }

  sendEvent<Payload>(message: EventMessage<Payload>, payload: NoInfer<Payload>): void {
    this.send(eventBytes(message, payload));
  }

  /** Sends a packet without payload, for protocols of their own as keepalive. */
  sendPacket(header: PacketHeader): void {
    this.send(packetBytes(header, () => undefined));
  }

  /** Sends bytes, whatever they mean, on every connection. */
  send(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  ignoreKeepalive(): void {
    this.#keepalive = 'ignored';
  }

  /** Hangs up on everybody after all that was sent has gone out. */
  end(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** Hangs up on everybody, without a word. The socket goes on listening. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As a daemon that is gone: hangs up, and nobody can connect. */
  async stopListening(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.hangUp();
    await closed;
  }

  async startListening(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.socketPath, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.stopListening();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    const packets = new PacketReader();
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#wake();
    });
    // A client that hangs up while something is being sent to it is part of many a script.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      packets.push(chunk, (packet) => this.#receive(socket, packet));
      this.#wake();
    });
  }

  #receive(socket: Socket, packet: Packet): void {
    const { payload, memory: _, ...header } = packet;
    if (packet.type === PacketType.CALL) return this.#receiveCall(socket, packet);
    if (packet.program === KEEPALIVE_PROGRAM && packet.procedure !== PONG && this.#keepalive === 'answered') {
      socket.write(packetBytes({ ...header, procedure: PONG }, () => undefined));
    }
    this.packets.push({ ...header, bytes: new Uint8Array(payload) });
  }

  #receiveCall(socket: Socket, packet: Packet): void {
    const procedure = procedures.get(`${packet.program}:${packet.procedure}`);
    if (procedure === undefined) throw new Error(`the client called unknown procedure ${packet.procedure}`);
    const reader = new XdrReader(packet.payload);
    const args = procedure.arguments.read(reader);
    reader.end();
    const call = new ScriptedCall(procedure, args, packet.serial, (bytes) => void socket.write(bytes));
    this.calls.push(procedure.name);
    const answer = this.#answers.get(procedure);
    if (answer === undefined) this.#unclaimed.push(call);
    else call.reply(answer(call));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The packet that brings an event, for tests that send it together with others or in pieces. */
export function eventBytes<Payload>(message: EventMessage<Payload>, payload: NoInfer<Payload>): Buffer {
  const { program, number: procedure } = message;
  // The daemon numbers its events 1, all of them.
  const header = { program: program.number, version: program.version, procedure, type: PacketType.EVENT, serial: 1 };
  return packetBytes({ ...header, status: 0 }, (writer) => message.payload.write(writer, payload));
}

function packetBytes(header: PacketHeader, writePayload: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  writePacket(writer, header, writePayload);
  return writer.bytes();
}
