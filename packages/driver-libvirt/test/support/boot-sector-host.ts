import { join } from 'node:path';
import type { InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { LibvirtDriver } from '../../src/libvirt-driver.js';
import { writeBootSector } from './boot-sector.js';
import { instanceSpec } from './instance-spec.js';
import { RealHost } from './real-host.js';

/** The root disk as QEMU calls it: the part of the virtio device that has the data. */
const DISK = 'ua-root/virtio-backend';

/** A driver on a real libvirtd, for guests that are a boot sector: they start in a moment and do nothing. */
export class BootSectorHost implements AsyncDisposable {
  readonly #drivers: LibvirtDriver[] = [];

  private constructor(
    readonly host: RealHost,
    readonly image: string,
  ) {}

  static async start(): Promise<BootSectorHost> {
    const host = await RealHost.start();
    const image = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(image);
    return new BootSectorHost(host, image);
  }

  /** A driver that is connected until this host is disposed of. */
  async driver(
    overrides: Parameters<RealHost['configuration']>[0] = {},
    environment = testEnvironment(),
  ): Promise<LibvirtDriver> {
    const driver = new LibvirtDriver(this.host.configuration(overrides), environment);
    this.#drivers.push(driver);
    await driver.initHost({});
    return driver;
  }

  instance(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
    const spec = instanceSpec();
    return {
      ...spec,
      flavor: { ...spec.flavor, memoryMib: 16 },
      image: { ...spec.image, diskFormat: 'raw', location: { disk: this.image } },
      ...overrides,
    };
  }

  fileOf({ uuid }: InstanceSpec, name: string): string {
    return join(this.host.directory, 'instances', uuid, name);
  }

  /** Writes to the guest's root disk, through the running guest's own device. */
  async write({ uuid }: InstanceSpec, byte: number): Promise<void> {
    await this.#qemuIo(uuid, `write -P ${byte} 64k 4k`);
  }

  /** Whether the running guest's root disk holds what was written with {@link write}. */
  async holds({ uuid }: InstanceSpec, byte: number): Promise<'held' | 'lost'> {
    const said = await this.#qemuIo(uuid, `read -P ${byte} 64k 4k`);
    return /verification failed/iu.test(said) ? 'lost' : 'held';
  }

  async #qemuIo(uuid: string, command: string): Promise<string> {
    const said = await this.host.virsh('qemu-monitor-command', uuid, '--hmp', `qemu-io -d ${DISK} "${command}"`);
    if (!/verification failed|4096\/4096/iu.test(said) && said !== '') throw new Error(`qemu-io says ${said}`);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#drivers.map((driver) => driver.cleanupHost({})));
    await this.host[Symbol.asyncDispose]();
  }
}
