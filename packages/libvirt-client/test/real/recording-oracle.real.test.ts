import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPacket } from '../../src/wire/packet.js';
import { damageTraffic } from '../oracles/damage-traffic.js';
import { RecordingProxy } from '../oracles/recording-proxy.js';
import { reencode } from '../oracles/reencode.js';
import { runVirsh } from '../oracles/run-virsh.js';
import { qemuDriverScript, testDriverScript } from '../oracles/virsh-script.js';

let daemon: PrivateLibvirtd;
let proxy: RecordingProxy;

/** What virsh and the daemon, both of them libvirt's own, say to each other over a long script. */
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-rec-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  proxy = await RecordingProxy.listen(join(directory, 'tap'), daemon.socketPath);
  const files = join(directory, 'files');
  await mkdir(files);
  await runVirsh(`test+unix:///default?socket=${proxy.socketPath}`, files, testDriverScript(files));
  await runVirsh(`qemu+unix:///system?socket=${proxy.socketPath}`, files, qemuDriverScript(files));
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await daemon.stop();
});

it('every packet of virsh and of the daemon is decoded and encoded again, byte for byte', () => {
  const wrong: string[] = [];
  const kinds = new Set<string>();
  for (const { bytes, from } of proxy.packets) {
    const { program, procedure, type, status } = readPacket(bytes);
    const kind = `program ${program.toString(16)} procedure ${procedure} type ${type} status ${status}`;
    kinds.add(kind);
    try {
      if (!reencode(bytes).equals(bytes)) wrong.push(`${from}: ${kind}`);
    } catch (error) {
      wrong.push(`${from}: ${kind}: ${String(error)}`);
    }
  }
  expect(wrong).toEqual([]);
  // A script that virsh has refused would prove nothing.
  expect(proxy.packets.length).toBeGreaterThan(1_000);
  expect(kinds.size).toBeGreaterThan(250);
});

it('real traffic that is damaged or cut off gives values or refusals, and takes no more memory than it has bytes', () => {
  const count = Number(process.env['VIRTKIT_MUTATIONS'] ?? 60_000);
  const outcome = damageTraffic(
    proxy.packets.map(({ bytes }) => bytes),
    { count, seed: 20_261_122 },
  );
  expect(outcome.faults).toEqual([]);
  // All that was read was garbage at once; what stays is the collector's leisure.
  expect(outcome.grownMib).toBeLessThan(128);
  expect(outcome.refused).toBeGreaterThan(count / 10);
  expect(outcome.read).toBeGreaterThan(count / 10);
});
