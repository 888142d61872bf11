import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dissectedLeaves, type Dissected } from './dissected-leaves.js';
import { runProgram } from './run-program.js';

const LIBVIRT_PORT = 16_509;

/** Lets libvirt's dissector for Wireshark read packets. Needs Debian's tshark and libvirt-wireshark, and no rights. */
export async function dissect(packets: readonly Buffer[], directory: string): Promise<Dissected[]> {
  const text = join(directory, 'packets.txt');
  const capture = join(directory, 'packets.pcap');
  await writeFile(text, packets.map(hexDump).join('\n'));
  await runProgram('text2pcap', ['-q', '-T', `40000,${LIBVIRT_PORT}`, text, capture]);
  const { stdout, stderr } = await runProgram('tshark', ['-r', capture, '-n', '-T', 'pdml']);
  const dissected = dissectedLeaves(stdout);
  if (dissected.length === packets.length) return dissected;
  throw new Error(`tshark read ${dissected.length} of ${packets.length} packets: ${stderr}`);
}

function hexDump(bytes: Buffer): string {
  let dump = '';
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const row = bytes
      .subarray(offset, offset + 16)
      .toString('hex')
      .replace(/../g, ' $&');
    dump += `${offset.toString(16).padStart(6, '0')}${row}\n`;
  }
  return dump;
}
