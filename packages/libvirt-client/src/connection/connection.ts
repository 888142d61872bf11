import { domainEvent, type DomainEvent, type DomainEventName } from '../events/domain-events.js';
import type { EventSource } from '../events/event-source.js';
import { networkEvent, type NetworkEvent, type NetworkEventName } from '../events/network-events.js';
import { nodeDeviceEvent, type NodeDeviceEvent, type NodeDeviceEventName } from '../events/node-device-events.js';
import { qemuMonitorEvent, type QemuMonitorEvent, type QemuMonitorEventFilter } from '../events/qemu-monitor-events.js';
import { secretEvent, type SecretEvent, type SecretEventName } from '../events/secret-events.js';
import { storagePoolEvent, type StoragePoolEvent, type StoragePoolEventName } from '../events/storage-pool-events.js';
import { ConnectionCalls } from '../objects/connection-calls.gen.js';
import { Domain } from '../objects/domain.js';
import { nativeString } from '../wire/native-string.js';
import { typedValues, type TypedValues } from '../wire/typed-values.js';
import * as qemu from '../procedures/qemu.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type {
  RemoteDomain,
  RemoteNetwork,
  RemoteNodeDevice,
  RemoteSecret,
  RemoteStoragePool,
} from '../procedures/structs.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { Procedure } from '../procedures/procedure.js';
import type { EventOptions, EventSubscription } from '../rpc/event-subscription.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';
import type { Link } from './link.js';

export interface SubscribeOptions extends EventOptions {
  /** Only the events of this domain. Default: of all. */
  readonly domain?: RemoteDomain;
}

/**
 * What virConnectPtr is in C: libvirt's functions under their C names, without `vir` and the name of the object they are
 * called on. `flags` are sums of the constants of this package and default to 0; a missing `options.timeoutMs` means no
 * limit.
 *
 * Two kinds exist. `RpcConnection` is one socket and ends with it. `LibvirtClient` is a pool that connects anew.
 *
 * Every method rejects with
 * - `LibvirtError` when the daemon answers with an error;
 * - `LibvirtConnectionError`, `LibvirtTimeoutError` or `LibvirtAbortError` when no answer was awaited to its end; their
 *   `sent` tells whether it may have been done nevertheless;
 * - `LibvirtQueueFullError` when too many calls wait;
 * - `LibvirtArgumentError` (a TypeError) when an argument does not fit; nothing was sent.
 */
export class Connection extends ConnectionCalls implements AsyncDisposable {
  readonly #link: Link;

  protected constructor(link: Link) {
    super();
    this.#link = link;
  }

  /** Calls any procedure of the daemon, those without a method too. */
  override call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<Result> {
    return this.#link.call(procedure, args, options);
  }

  /** Calls a procedure that opens a stream of bytes. */
  override openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<LibvirtStream<Reply>> {
    return this.#link.openStream(procedure, args, options);
  }

  /** Asks for the events of a source. Those that happen after this has resolved are delivered. */
  eventSubscribe<Event>(source: EventSource, options?: EventOptions): Promise<EventSubscription<Event>> {
    return this.#link.eventSubscribe(source, options);
  }

  /** Ends the connection and fails what is pending. Idempotent; never rejects. */
  close(): Promise<void> {
    return this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The events of one kind, of all domains or of one. Those that happen after this has resolved are delivered. */
  domainEventRegisterAny<Name extends DomainEventName>(
    event: Name,
    options: SubscribeOptions = {},
  ): Promise<EventSubscription<DomainEvent<Name>>> {
    return this.eventSubscribe(domainEvent(event, options.domain ?? null), options);
  }

  /** As `domainEventRegisterAny`, of networks. */
  networkEventRegisterAny<Name extends NetworkEventName>(
    event: Name,
    options: EventOptions & { readonly network?: RemoteNetwork } = {},
  ): Promise<EventSubscription<NetworkEvent<Name>>> {
    return this.eventSubscribe(networkEvent(event, options.network ?? null), options);
  }

  /** As `domainEventRegisterAny`, of storage pools. */
  storagePoolEventRegisterAny<Name extends StoragePoolEventName>(
    event: Name,
    options: EventOptions & { readonly pool?: RemoteStoragePool } = {},
  ): Promise<EventSubscription<StoragePoolEvent<Name>>> {
    return this.eventSubscribe(storagePoolEvent(event, options.pool ?? null), options);
  }

  /** As `domainEventRegisterAny`, of the host's devices. */
  nodeDeviceEventRegisterAny<Name extends NodeDeviceEventName>(
    event: Name,
    options: EventOptions & { readonly device?: RemoteNodeDevice } = {},
  ): Promise<EventSubscription<NodeDeviceEvent<Name>>> {
    return this.eventSubscribe(nodeDeviceEvent(event, options.device ?? null), options);
  }

  /** As `domainEventRegisterAny`, of secrets. */
  secretEventRegisterAny<Name extends SecretEventName>(
    event: Name,
    options: EventOptions & { readonly secret?: RemoteSecret } = {},
  ): Promise<EventSubscription<SecretEvent<Name>>> {
    return this.eventSubscribe(secretEvent(event, options.secret ?? null), options);
  }

  /** What QEMU's monitor tells, past libvirt. `flags`: ConnectDomainQemuMonitorEventRegisterFlags. */
  qemuMonitorEventRegister(
    options: EventOptions & Partial<QemuMonitorEventFilter> = {},
  ): Promise<EventSubscription<QemuMonitorEvent>> {
    const { domain = null, event = null, flags = 0 } = options;
    return this.eventSubscribe(qemuMonitorEvent({ domain, event, flags }), options);
  }

  /** `stats` is a sum of DomainStatsTypes, 0 for all; without `domains`, those that `flags` choose. */
  async getAllDomainStats(
    stats = 0,
    flags = 0,
    domains: readonly RemoteDomain[] = [],
    options?: CallOptions,
  ): Promise<readonly DomainStats[]> {
    const args = { doms: domains, stats, flags };
    const { retStats } = await this.call(remote.connectGetAllDomainStats, args, options);
    return retStats.map(({ dom, params }) => ({ dom: new Domain(this, dom), params: typedValues(params) }));
  }

  /** The version of the hypervisor: major * 1,000,000 + minor * 1,000 + release. */
  async getVersion(options?: CallOptions): Promise<number> {
    return Number((await this.call(remote.connectGetVersion, {}, options)).hv_ver);
  }

  /** The version of libvirt itself, counted in the same way. */
  async getLibVersion(options?: CallOptions): Promise<number> {
    return Number((await this.call(remote.connectGetLibVersion, {}, options)).lib_ver);
  }

  /** XML that tells what guests of one kind can have. What is left out is chosen by the daemon. */
  async getDomainCapabilities(
    guest: {
      readonly emulatorbin?: string;
      readonly arch?: string;
      readonly machine?: string;
      readonly virttype?: string;
    } = {},
    flags = 0,
    options?: CallOptions,
  ): Promise<string> {
    const { emulatorbin = null, arch = null, machine = null, virttype = null } = guest;
    const args = { emulatorbin, arch, machine, virttype, flags };
    return (await this.call(remote.connectGetDomainCapabilities, args, options)).capabilities;
  }

  async nodeGetInfo(options?: CallOptions): Promise<NodeInfo> {
    const { model, memory, ...counts } = await this.call(remote.nodeGetInfo, {}, options);
    return { model: nativeString(model), memoryKib: memory, ...counts };
  }

  /** Which CPUs there are, and which are online: bit n of `cpumap` (byte n / 8, bit n % 8) is CPU n. */
  async nodeGetCPUMap(flags = 0, options?: CallOptions): Promise<NodeCPUMap> {
    const args = { need_map: 1, need_online: 1, flags };
    const { cpumap, online, ret } = await this.call(remote.nodeGetCPUMap, args, options);
    return { cpumap, online, cpus: ret };
  }

  /** As `{ model: 'apparmor', doi: '0' }`; both are empty when the host has none. */
  async nodeGetSecurityModel(options?: CallOptions): Promise<{ readonly model: string; readonly doi: string }> {
    const { model, doi } = await this.call(remote.nodeGetSecurityModel, {}, options);
    return { model: nativeString(model), doi: nativeString(doi) };
  }

  /** Makes a QEMU process that runs already a domain. */
  async qemuAttach(pid: number, flags = 0, options?: CallOptions): Promise<Domain> {
    const { dom } = await this.call(qemu.domainAttach, { pid_value: pid, flags }, options);
    return new Domain(this, dom);
  }
}

/** The statistics of one domain, under the names that libvirt's documentation of virConnectGetAllDomainStats gives. */
export interface DomainStats {
  readonly dom: Domain;
  readonly params: TypedValues;
}

export interface NodeCPUMap {
  readonly cpumap: Uint8Array;
  readonly online: number;
  readonly cpus: number;
}

/** The machine the daemon runs on (virNodeInfo). */
export interface NodeInfo {
  /** The name of the CPU architecture, as `x86_64`. */
  readonly model: string;
  readonly memoryKib: bigint;
  readonly cpus: number;
  readonly mhz: number;
  readonly nodes: number;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
}
