import { expect, it } from 'vitest';
import { procedures, RpcConnection, type Dialer, type TransportListener } from '../../src/index.js';
import { PacketReader } from '../../src/wire/packet-reader.js';
import { writePacket } from '../../src/wire/packet.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';

/** A transport that answers every call with success and counts its writes. The replies to one write are one chunk. */
function countingDialer(writes: number[]): Dialer {
  return (listener: TransportListener) => {
    const packets = new PacketReader();
    const write = (bytes: Buffer): void => {
      const replies = new XdrWriter();
      let count = 0;
      packets.push(bytes, (packet) => {
        count++;
        writePacket(replies, { ...packet, type: 1 }, (writer) => {
          // AUTH_LIST: one type, none. SUPPORTS_FEATURE: yes. DOMAIN_GET_STATE: 1, 1.
          const words =
            new Map([
              [66, [1, 0]],
              [60, [1]],
              [212, [1, 1]],
            ]).get(packet.procedure) ?? [];
          for (const word of words) writer.u32(word);
        });
      });
      writes.push(count);
      setImmediate(() => listener.received(replies.bytes()));
    };
    const nothing = (): void => undefined;
    const destroy = (): void => void setImmediate(() => listener.ended(undefined));
    return Promise.resolve({ write, bufferedBytes: 0, pause: nothing, resume: nothing, destroy });
  };
}

it('calls made in one turn, and those made when a chunk of replies is in, are sent with one write', async () => {
  const writes: number[] = [];
  await using connection = await RpcConnection.open({ dial: countingDialer(writes), priorityWindow: 64 });
  writes.length = 0;
  const args = { dom: { name: 'n', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 1 }, flags: 0 };
  const twice = async (): Promise<void> => {
    await connection.call(procedures.domainGetState, args);
    await connection.call(procedures.domainGetState, args);
  };
  await Promise.all(Array.from({ length: 64 }, twice));
  expect(writes).toEqual([64, 64]);
});
