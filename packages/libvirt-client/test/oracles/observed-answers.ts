import { ErrorNumber } from '../../src/index.js';
import { remoteError } from '../../src/procedures/structs.gen.js';
import * as remote from '../../src/procedures/remote.gen.js';
import { PacketStatus, PacketType, readPacket, type Packet } from '../../src/wire/packet.js';
import { XdrReader } from '../../src/wire/xdr-reader.js';
import { knownMessage } from './known-messages.js';
import type { RecordedPacket } from './recording-proxy.js';

const KEEPALIVE_PROGRAM = 0x6b65_6570;
const errorNames = new Map<number, string>(Object.entries(ErrorNumber).map(([name, code]) => [code, name]));

/** By procedure: `ok`, `event`, or the name of the error that was the only answer. */
export type Answers = Record<string, string>;

/** What a daemon has answered, as the wire tells. An answer without error counts for more than one with. */
export function observedAnswers(recording: readonly RecordedPacket[], driver: string): Answers {
  const connections = new Set(
    recording.flatMap(({ connection, from, bytes }) => {
      return from === 'client' && openedName(readPacket(bytes))?.startsWith(driver) === true ? [connection] : [];
    }),
  );
  const answers: Answers = {};
  for (const { connection, from, bytes } of recording) {
    if (from !== 'daemon' || !connections.has(connection)) continue;
    const packet = readPacket(bytes);
    if (packet.program === KEEPALIVE_PROGRAM) continue;
    const { name } = knownMessage(packet);
    if (packet.type === PacketType.EVENT) answers[name] = 'event';
    if (packet.type !== PacketType.REPLY || answers[name] === 'ok') continue;
    answers[name] = packet.status === PacketStatus.OK ? 'ok' : errorName(packet);
  }
  return answers;
}

function openedName(packet: Packet): string | undefined {
  if (packet.program !== remote.remote.number || packet.procedure !== remote.connectOpen.number) return undefined;
  return remote.connectOpen.arguments.read(new XdrReader(packet.payload)).name ?? undefined;
}

function errorName({ payload }: Packet): string {
  const { code } = remoteError.read(new XdrReader(payload));
  return errorNames.get(code) ?? `error ${code}`;
}
