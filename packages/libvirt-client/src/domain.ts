import type { Connection } from './connection.js';
import * as remote from './procedures/remote.gen.js';
import type { RemoteDomain } from './procedures/structs.gen.js';
import type { CallOptions } from './rpc/call-options.js';
import type { LibvirtStream } from './rpc/libvirt-stream.js';
import type { TypedParameter } from './wire/typed-parameter-codec.js';

/** A domain's state and why it is in it: values of DomainState and of the matching `Domain…Reason`. */
export interface DomainStateAndReason {
  readonly state: number;
  readonly reason: number;
}

/** virDomainInfo. Memory is in KiB, time in ns. */
export interface DomainInfo {
  readonly state: number;
  readonly maxMem: bigint;
  readonly memory: bigint;
  readonly nrVirtCpu: number;
  readonly cpuTime: bigint;
}

/**
 * A domain as it was when it was looked up: a value, and the connection to call its functions on. The daemon goes by the
 * `uuid` alone, so it stays good over restarts of the guest and of the daemon; `id` is −1 when the domain was not
 * running, and may be old.
 */
export class Domain implements RemoteDomain {
  readonly name: string;
  readonly uuid: string;
  readonly id: number;
  readonly #connection: Connection;

  constructor(connection: Connection, { name, uuid, id }: RemoteDomain) {
    this.#connection = connection;
    this.name = name;
    this.uuid = uuid;
    this.id = id;
  }

  create(options?: CallOptions): Promise<Domain> {
    return this.createWithFlags(0, options);
  }

  /** Starts the domain. Resolves to it with its new id. `flags`: DomainCreateFlags. */
  async createWithFlags(flags = 0, options?: CallOptions): Promise<Domain> {
    const { dom } = await this.#connection.call(remote.domainCreateWithFlags, { dom: this, flags }, options);
    return new Domain(this.#connection, dom);
  }

  destroy(options?: CallOptions): Promise<void> {
    return this.destroyFlags(0, options);
  }

  /** Stops the domain at once. `flags`: DomainDestroyFlagsValues. */
  async destroyFlags(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainDestroyFlags, { dom: this, flags }, options);
  }

  /** Makes the domain transient, and gone when it is not running. `flags`: DomainUndefineFlagsValues. */
  async undefineFlags(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainUndefineFlags, { dom: this, flags }, options);
  }

  /** Asks the guest to shut down, and does not wait until it has. `flags`: DomainShutdownFlagValues. */
  async shutdownFlags(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainShutdownFlags, { dom: this, flags }, options);
  }

  /** Asks the guest to reboot, and does not wait until it has. `flags`: DomainRebootFlagValues. */
  async reboot(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainReboot, { dom: this, flags }, options);
  }

  /** Like the reset button of a machine. */
  async reset(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainReset, { dom: this, flags }, options);
  }

  async suspend(options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainSuspend, { dom: this }, options);
  }

  async resume(options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainResume, { dom: this }, options);
  }

  /** Saves the guest's memory and stops it; the next start goes on from there. `flags`: DomainSaveRestoreFlags. */
  async managedSave(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainManagedSave, { dom: this, flags }, options);
  }

  async managedSaveRemove(flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainManagedSaveRemove, { dom: this, flags }, options);
  }

  async hasManagedSaveImage(flags = 0, options?: CallOptions): Promise<boolean> {
    return (await this.#connection.call(remote.domainHasManagedSaveImage, { dom: this, flags }, options)).result !== 0;
  }

  async isActive(options?: CallOptions): Promise<boolean> {
    return (await this.#connection.call(remote.domainIsActive, { dom: this }, options)).active !== 0;
  }

  async isPersistent(options?: CallOptions): Promise<boolean> {
    return (await this.#connection.call(remote.domainIsPersistent, { dom: this }, options)).persistent !== 0;
  }

  /** Answered while slow calls hold all the daemon's common workers: what to poll with. */
  async getState(flags = 0, options?: CallOptions): Promise<DomainStateAndReason> {
    return this.#connection.call(remote.domainGetState, { dom: this, flags }, options);
  }

  /** Waits for a common worker, and for the domain's job: not for polling. */
  async getInfo(options?: CallOptions): Promise<DomainInfo> {
    return this.#connection.call(remote.domainGetInfo, { dom: this }, options);
  }

  /** `flags`: DomainXMLFlags. */
  async getXMLDesc(flags = 0, options?: CallOptions): Promise<string> {
    return (await this.#connection.call(remote.domainGetXMLDesc, { dom: this, flags }, options)).xml;
  }

  /** Sets or, with `null`, removes. `type`: DomainMetadataType; `flags`: DomainModificationImpact. */
  async setMetadata(
    type: number,
    metadata: string | null,
    key: string | null,
    uri: string | null,
    flags = 0,
    options?: CallOptions,
  ): Promise<void> {
    const args = { dom: this, type, metadata, key, uri, flags };
    await this.#connection.call(remote.domainSetMetadata, args, options);
  }

  async getMetadata(type: number, uri: string | null, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.#connection.call(remote.domainGetMetadata, { dom: this, type, uri, flags }, options)).metadata;
  }

  /** `flags`: DomainDeviceModifyFlags. */
  async attachDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainAttachDeviceFlags, { dom: this, xml, flags }, options);
  }

  /** From a running guest the device is only asked to go: `deviceRemoved` or `deviceRemovalFailed` tells the end. */
  async detachDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainDetachDeviceFlags, { dom: this, xml, flags }, options);
  }

  /** As `detachDeviceFlags`, with the device named by its alias. */
  async detachDeviceAlias(alias: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainDetachDeviceAlias, { dom: this, alias, flags }, options);
  }

  async updateDeviceFlags(xml: string, flags = 0, options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainUpdateDeviceFlags, { dom: this, xml, flags }, options);
  }

  async abortJob(options?: CallOptions): Promise<void> {
    await this.#connection.call(remote.domainAbortJob, { dom: this }, options);
  }

  /** `type`: DomainJobType, 0 when there is no job. `flags`: DomainGetJobStatsFlags. */
  async getJobStats(
    flags = 0,
    options?: CallOptions,
  ): Promise<{ readonly type: number; readonly params: readonly TypedParameter[] }> {
    return this.#connection.call(remote.domainGetJobStats, { dom: this, flags }, options);
  }

  /** `devname`: the alias of a console or serial device, `null` for the first. `flags`: DomainConsoleFlags. */
  async openConsole(devname: string | null, flags = 0, options?: CallOptions): Promise<LibvirtStream> {
    return this.#connection.openStream(remote.domainOpenConsole, { dom: this, dev_name: devname, flags }, options);
  }
}
