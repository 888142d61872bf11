/** libvirt's `remote` program, and the procedures that are needed here. */
const PROGRAM = 0x2000_8086;
const PROGRAM_VERSION = 1;
const procedures = { connectOpen: 1, domainGetInfo: 16, authList: 66 } as const;

/** What must be said on a new connection before anything else, as packets in hexadecimal. */
export function handshakePackets(uri: string): readonly string[] {
  return [packet(procedures.authList), packet(procedures.connectOpen, word(1), text(uri), word(0))];
}

/** The call to repeat. Every one has the same serial: the daemon only sends it back. */
export function domainInfoPacket({ name, uuid, id }: { name: string; uuid: string; id: number }): string {
  return packet(procedures.domainGetInfo, text(name), Buffer.from(uuid.replaceAll('-', ''), 'hex'), word(id));
}

function packet(procedure: number, ...body: readonly Buffer[]): string {
  const [call, serial, ok] = [0, 1, 0];
  const header = [PROGRAM, PROGRAM_VERSION, procedure, call, serial, ok].map(word);
  const length = 4 * (1 + header.length) + Buffer.concat(body).length;
  return Buffer.concat([word(length), ...header, ...body]).toString('hex');
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** An XDR string: its length, its bytes, zeros up to the next word. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([word(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
