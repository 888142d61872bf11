import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { libvirtConfiguration, type LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { leftovers, startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import type { z } from 'zod';

const run = promisify(execFile);

/** A libvirtd of its own, with virsh to look at it and to trouble it behind the driver's back. */
export class RealHost implements AsyncDisposable {
  readonly daemon: PrivateLibvirtd;

  constructor(daemon: PrivateLibvirtd) {
    this.daemon = daemon;
  }

  static async start(): Promise<RealHost> {
    const directory = `/tmp/vk-${randomBytes(4).toString('hex')}`;
    return new RealHost(await startPrivateLibvirtd({ directory }));
  }

  get directory(): string {
    return this.daemon.directory;
  }

  /** A configuration for this host, without KVM. Images may come from anywhere in the daemon's images directory. */
  configuration(overrides: Partial<z.input<typeof libvirtConfiguration>> = {}): LibvirtConfiguration {
    return libvirtConfiguration.parse({
      socketPath: this.daemon.socketPath,
      stateDirectory: `${this.directory}/instances`,
      imageDirectories: [this.daemon.imagesDirectory],
      virtType: 'qemu',
      ...overrides,
    });
  }

  async virsh(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('virsh', ['--quiet', '--connect', this.daemon.uri, ...args], { timeout: 60_000 });
    return stdout.trim();
  }

  /** The names of all domains, whosever they are. */
  async domainNames(): Promise<readonly string[]> {
    return (await this.virsh('list', '--all', '--name')).split('\n').filter((name) => name !== '');
  }

  /** Stops everything, and fails if something of it is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.daemon.stop();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
    const left = await leftovers(this.directory);
    if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
  }
}
