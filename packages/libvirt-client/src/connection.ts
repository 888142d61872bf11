import { Domain } from './domain.js';
import type { Procedure } from './procedures/procedure.js';
import * as remote from './procedures/remote.gen.js';
import type { RemoteDomain, RemoteDomainStatsRecord } from './procedures/structs.gen.js';
import type { CallOptions } from './rpc/call-options.js';
import type { DomainEvent, DomainEventName } from './rpc/domain-events.js';
import type { EventSubscription } from './rpc/event-subscription.js';
import type { LibvirtStream } from './rpc/libvirt-stream.js';

/** Asks a list procedure for its items; without it only their number comes back. */
const NEED_RESULTS = 1;

export interface SubscribeOptions {
  /** Only the events of this domain. Default: of all. */
  readonly domain?: RemoteDomain;
  /** How many events may wait to be taken; then a `resync` takes their place. Default 10,000. */
  readonly queueMax?: number;
  readonly signal?: AbortSignal;
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
export abstract class Connection implements AsyncDisposable {
  /** Calls any procedure of libvirt. Those without arguments take `{}`. */
  abstract call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<Result>;

  /** Calls a procedure that opens a stream. `options` limit the opening; the stream itself lives until it is ended. */
  abstract openStream<Arguments>(
    procedure: Procedure<Arguments, unknown>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<LibvirtStream>;

  /** Asks for the events of one kind. Those that happen after this has resolved are delivered. */
  abstract domainEventRegisterAny<Name extends DomainEventName>(
    event: Name,
    options?: SubscribeOptions,
  ): Promise<EventSubscription<DomainEvent<Name>>>;

  /** Ends the connection and fails what is pending. Idempotent; never rejects. */
  abstract close(): Promise<void>;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async lookupByUUID(uuid: string, options?: CallOptions): Promise<Domain> {
    return this.#domain(await this.call(remote.domainLookupByUUID, { uuid }, options));
  }

  async lookupByName(name: string, options?: CallOptions): Promise<Domain> {
    return this.#domain(await this.call(remote.domainLookupByName, { name }, options));
  }

  /** Only running domains have an id. */
  async lookupByID(id: number, options?: CallOptions): Promise<Domain> {
    return this.#domain(await this.call(remote.domainLookupByID, { id }, options));
  }

  /** `flags` (ConnectListAllDomainsFlags) of one group choose among their kinds; none of a group means all. */
  async listAllDomains(flags = 0, options?: CallOptions): Promise<readonly Domain[]> {
    const { domains } = await this.call(remote.connectListAllDomains, { need_results: NEED_RESULTS, flags }, options);
    return domains.map((dom) => new Domain(this, dom));
  }

  /** Makes a domain persistent, or gives it another definition. Pass `options.domainUuid` to keep changes in order. */
  async defineXMLFlags(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    const { dom } = await this.call(remote.domainDefineXMLFlags, { xml, flags }, options);
    return new Domain(this, dom);
  }

  /** Starts a domain that is gone when it stops. Pass `options.domainUuid` to keep changes in order. */
  async createXML(xml: string, flags = 0, options?: CallOptions): Promise<Domain> {
    const { dom } = await this.call(remote.domainCreateXML, { xml_desc: xml, flags }, options);
    return new Domain(this, dom);
  }

  /** `stats` is a sum of DomainStatsTypes, 0 for all; without `domains`, those that `flags` choose. */
  async getAllDomainStats(
    stats = 0,
    flags = 0,
    domains: readonly RemoteDomain[] = [],
    options?: CallOptions,
  ): Promise<readonly RemoteDomainStatsRecord[]> {
    const args = { doms: domains, stats, flags };
    return (await this.call(remote.connectGetAllDomainStats, args, options)).retStats;
  }

  /** The version of the hypervisor: major * 1,000,000 + minor * 1,000 + release. */
  async getVersion(options?: CallOptions): Promise<number> {
    return Number((await this.call(remote.connectGetVersion, {}, options)).hv_ver);
  }

  /** The version of libvirt itself, counted in the same way. */
  async getLibVersion(options?: CallOptions): Promise<number> {
    return Number((await this.call(remote.connectGetLibVersion, {}, options)).lib_ver);
  }

  async getHostname(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetHostname, {}, options)).hostname;
  }

  async getURI(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetURI, {}, options)).uri;
  }

  /** XML that tells of the host and of the guests it can run. */
  async getCapabilities(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetCapabilities, {}, options)).capabilities;
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
    const end = model.indexOf(0);
    return {
      model: Buffer.from(model.subarray(0, end < 0 ? undefined : end)).toString(),
      memoryKib: memory,
      ...counts,
    };
  }

  #domain({ dom }: { readonly dom: RemoteDomain }): Domain {
    return new Domain(this, dom);
  }
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
