import { execFile } from 'node:child_process';
import { rename, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StartProblem } from '@virtkit/core/driver';
import { LibvirtClient, LibvirtError } from '@virtkit/libvirt-client';
import { createBridge, deleteBridge } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProblem } from '../src/errors/start-problem.js';
import { bridgeName } from './support/bridge-name.js';
import { RealHost } from './support/real-host.js';

const run = promisify(execFile);
const BRIDGE = bridgeName('problem');
const PORT = 5_999;

interface Trouble {
  readonly what: string;
  readonly problem: StartProblem;
  readonly devices?: () => string;
  readonly type?: 'kvm';
  readonly machine?: string;
  readonly more?: string;
  readonly cause?: () => Promise<unknown>;
  readonly heal?: () => Promise<unknown>;
}

/** Each is caused for real, and libvirt's own words are read. Nobody has to guess what a new release may call it. */
describe('the reason of a start that fails', () => {
  let host: RealHost;
  let client: LibvirtClient;
  let server: Server;
  const image = (name: string) => join(host.daemon.imagesDirectory, name);

  /** Changes what the daemon and its guests see of the machine, and nobody else. */
  const inside = (...command: readonly string[]) =>
    run('nsenter', ['-t', String(host.daemon.pid), '-m', ...command], { timeout: 10_000 });
  const cover = async (path: string, withPath: string) => inside('mount', '--bind', withPath, path);
  const uncover = (path: string) => inside('umount', path);
  const disk = () =>
    `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${image('disk.qcow2')}'/><target dev='vda' bus='virtio'/></disk>`;
  const log = (path: string) => `<serial type='pty'><log file='${path}'/></serial>`;
  const onBridge = () => `<interface type='bridge'><source bridge='${BRIDGE}'/></interface>`;
  const emptyDirectory = () => join(host.directory, 'nothing');

  beforeAll(async () => {
    host = await RealHost.start();
    client = await LibvirtClient.connect({ uri: 'qemu:///system', socketPath: host.daemon.socketPath });
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', image('base.qcow2'), '1M']);
    const over = ['-b', image('base.qcow2'), '-F', 'qcow2', image('disk.qcow2')];
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...over]);
    await mkdir(emptyDirectory());
    const network = join(host.directory, 'network.xml');
    await writeFile(network, `<network><name>idle</name><bridge name='vkidle0'/></network>`);
    await host.virsh('net-define', network);
    await createBridge(BRIDGE);
    server = createServer().listen(PORT, '127.0.0.1');
    await once(server, 'listening');
  });

  afterAll(async () => {
    server.close();
    await deleteBridge(BRIDGE);
    await client.close();
    await host[Symbol.asyncDispose]();
  });

  const readOnly = {
    cause: async () => {
      await cover(host.daemon.imagesDirectory, host.daemon.imagesDirectory);
      await inside('mount', '-o', 'remount,ro,bind', host.daemon.imagesDirectory);
    },
    heal: () => uncover(host.daemon.imagesDirectory),
  };

  const troubles: readonly Trouble[] = [
    {
      what: 'an unknown network',
      problem: 'network',
      devices: () => `<interface type='network'><source network='nosuch'/></interface>`,
    },
    {
      what: 'a network that is not active',
      problem: 'network',
      devices: () => `<interface type='network'><source network='idle'/></interface>`,
    },
    {
      what: 'no /dev/net/tun',
      problem: 'network',
      devices: onBridge,
      cause: () => cover('/dev/net', emptyDirectory()),
      heal: () => uncover('/dev/net'),
    },
    {
      what: 'a /dev/net/tun that is another device',
      problem: 'network',
      devices: onBridge,
      cause: () => cover('/dev/net/tun', '/dev/null'),
      heal: () => uncover('/dev/net/tun'),
    },
    {
      what: 'a VNC port that is taken',
      problem: 'console',
      devices: () => `<graphics type='vnc' port='${PORT}' listen='127.0.0.1'/>`,
    },
    {
      what: 'a serial port that is taken',
      problem: 'console',
      devices: () => `<serial type='tcp'><source mode='bind' host='127.0.0.1' service='${PORT}'/></serial>`,
    },
    { what: 'a console log without a directory', problem: 'console', devices: () => log('/nosuch/console.log') },
    {
      what: 'a console log on a read-only file system',
      problem: 'console',
      devices: () => log(image('console.log')),
      ...readOnly,
    },
    { what: 'a disk on a read-only file system', problem: 'disk', devices: disk, ...readOnly },
    {
      what: 'a backing file that is missing',
      problem: 'disk',
      devices: disk,
      cause: () => rename(image('base.qcow2'), image('away.qcow2')),
      heal: () => rename(image('away.qcow2'), image('base.qcow2')),
    },
    { what: 'no KVM', problem: 'virtualization', type: 'kvm', cause: kvmGone, heal: kvmBack },
    { what: 'a CPU that cannot be emulated', problem: 'virtualization', more: `<cpu mode='host-passthrough'/>` },
    { what: 'an unknown machine type', problem: 'machine', machine: 'pc-i440fx-99.0' },
    { what: 'no huge pages', problem: 'memory', more: '<memoryBacking><hugepages/></memoryBacking>' },
    {
      what: 'no TPM emulator',
      problem: 'device',
      machine: 'q35',
      devices: () => `<tpm model='tpm-tis'><backend type='emulator' version='2.0'/></tpm>`,
    },
  ];

  async function kvmGone(): Promise<void> {
    await inside('sh', '-c', 'test ! -e /dev/kvm || mount --bind /dev/null /dev/kvm');
  }
  async function kvmBack(): Promise<void> {
    await inside('sh', '-c', 'test ! -e /dev/kvm || umount /dev/kvm');
  }

  it.each(troubles)('is read from libvirt: $what is $problem', async (trouble) => {
    await trouble.cause?.();
    try {
      const failure = await failureOf(trouble);
      expect(startProblem(failure), failure.rawMessage).toBe(trouble.problem);
    } finally {
      await trouble.heal?.();
    }
  });

  /** What libvirt says to a domain, defined and started. */
  async function failureOf({ type, machine = 'pc', more = '', devices }: Trouble): Promise<LibvirtError> {
    const os = `<os><type arch='x86_64' machine='${machine}'>hvm</type></os>`;
    const domain = `<name>problem</name><memory unit='MiB'>16</memory>${more}${os}<devices>${devices?.() ?? ''}</devices>`;
    try {
      const defined = await client.defineXMLFlags(`<domain type='${type ?? 'qemu'}'>${domain}</domain>`, 0);
      try {
        await defined.createWithFlags(0);
        await defined.destroyFlags(0);
      } finally {
        await defined.undefineFlags(0);
      }
    } catch (failure) {
      if (LibvirtError.is(failure)) return failure;
      throw failure;
    }
    return expect.fail('the guest has started');
  }
});
