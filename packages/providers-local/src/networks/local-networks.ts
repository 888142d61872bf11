import { randomUUID } from 'node:crypto';
import {
  checkedValue,
  type CallOptions,
  ComputeError,
  type InstanceBuild,
  type InterfaceAttachment,
  type NetworkAllocation,
  type NetworkCheck,
  type NetworkInterface,
  type NetworkProvider,
} from '@virtkit/core/providers';
import type { z } from 'zod';
import { DirectoryOwner } from '../directory/directory-owner.js';
import { Lanes } from '../directory/lanes.js';
import { LeaderEpochs } from '../directory/leader-epochs.js';
import { makeDirectory } from '../directory/make-directory.js';
import { closedProvider, providerCall } from '../errors/provider-call.js';
import { type AllocatedInterface, type Allocation, AllocationFile, type Allocations } from './allocation-file.js';
import { interfaceOf } from './interface-of.js';
import { type LocalNetwork, localNetworksOptions, type LocalNetworksOptions } from './local-networks-options.js';
import { freeMacAddress } from './mac-address.js';
import { allocationCall, attachmentCall, type CheckedRequest, moveCall, requestsCall } from './network-call.js';

type Checked = z.output<typeof localNetworksOptions>;

/** More calls than a manager can have given up while they are still under way. */
const ENDED_COUNT_MAX = 1_024;

/** The host's own networks, as a list in the configuration; who has which interface is written down before it is answered. */
export class LocalNetworks implements NetworkProvider, AsyncDisposable {
  readonly #file: AllocationFile;
  readonly #owner: DirectoryOwner;
  readonly #leaders: LeaderEpochs;
  readonly #networks: ReadonlyMap<string, LocalNetwork>;
  readonly #options: Checked;
  readonly #lanes = new Lanes();
  #isClosed = false;
  /** What is on disk. Replaced as a whole, after it has been written. */
  #allocations: Allocations;

  private constructor(
    options: Checked,
    owner: DirectoryOwner,
    leaders: LeaderEpochs,
    file: AllocationFile,
    allocations: Allocations,
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#leaders = leaders;
    this.#file = file;
    this.#allocations = allocations;
    this.#networks = new Map(options.networks.map((network) => [network.id, network]));
  }

  /**
   * Reads what was allocated before.
   * @throws ComputeError `INVALID_CONFIGURATION`, also while another process has the directory, and when instances have interfaces on a
   * network that is not configured any more; `STORE_UNAVAILABLE`
   */
  static async open(options: LocalNetworksOptions, call: CallOptions = {}): Promise<LocalNetworks> {
    const checked = await checkedValue(localNetworksOptions, options, 'INVALID_CONFIGURATION');
    return await providerCall('open the networks', call, async () => {
      await makeDirectory(checked.directory);
      const owner = await DirectoryOwner.claim(checked.directory, 'networks');
      try {
        const file = new AllocationFile(checked.directory);
        const allocations = await file.read();
        requireNetworks(allocations, checked);
        const leaders = await LeaderEpochs.open(checked.directory, 'networks');
        return new LocalNetworks(checked, owner, leaders, file, allocations);
      } catch (failure) {
        await owner[Symbol.asyncDispose]();
        throw failure;
      }
    });
  }

  async leaderChanged({ leader }: CallOptions = {}): Promise<void> {
    await providerCall('note a new manager', {}, () => this.#leaders.admit(leader));
  }

  async checkRequests(asked: NetworkCheck, options: CallOptions = {}): Promise<void> {
    const { projectId, host, requests } = await checkedValue(requestsCall, asked, 'INVALID_INPUT');
    await providerCall('check the requests for interfaces', options, () => {
      for (const [index, { networkId }] of requests.entries()) {
        requireReach(this.#usable(networkId, projectId, `requests[${index}]`), host);
      }
      return Promise.resolve();
    });
  }

  async allocate(request: NetworkAllocation, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    const { requests, reservationId = null, ...whose } = await checkedValue(allocationCall, request, 'INVALID_INPUT');
    return await this.#change('allocate interfaces', options, async () => {
      this.#refuseEnded(reservationId);
      const known = this.#known(whose);
      if (known !== undefined && known.interfaces.length > 0) return this.#interfacesIn(known);
      const allocation: Allocation = { ...whose, interfaces: [] };
      const interfaces = this.#newInterfaces(allocation, requests, 'requests', reservationId);
      return this.#interfacesIn(await this.#save({ ...allocation, interfaces }));
    });
  }

  async attach(request: InterfaceAttachment, options: CallOptions = {}): Promise<NetworkInterface> {
    const { request: wish, idempotencyKey, ...whose } = await checkedValue(attachmentCall, request, 'INVALID_INPUT');
    return await this.#change('attach an interface', options, async () => {
      this.#refuseEnded(idempotencyKey);
      const known = this.#known(whose) ?? { ...whose, interfaces: [] };
      const repeated = known.interfaces.find((each) => each.idempotencyKey === idempotencyKey);
      if (repeated !== undefined) return this.#connected(repeated);
      const allocation = { ...known, host: known.interfaces.length > 0 ? known.host : whose.host };
      const [added] = this.#newInterfaces(allocation, [wish], 'request', idempotencyKey);
      const interfaces = [...known.interfaces, added as AllocatedInterface];
      await this.#save({ ...allocation, interfaces });
      return this.#connected(added as AllocatedInterface);
    });
  }

  async release(build: InstanceBuild, interfaceId: string, options: CallOptions = {}): Promise<void> {
    await this.#change('release an interface', options, async () => {
      await this.#keepOnly(build, ({ id }) => id !== interfaceId);
    });
  }

  async unreserve(build: InstanceBuild, reservationId: string, options: CallOptions = {}): Promise<void> {
    await this.#change('end a reservation of interfaces', options, async () => {
      const { endedReservations } = this.#allocations;
      if (endedReservations.includes(reservationId)) return;
      const ended = [...endedReservations, reservationId].slice(-ENDED_COUNT_MAX);
      await this.#keepOnly(build, ({ idempotencyKey }) => idempotencyKey !== reservationId, ended);
    });
  }

  async releaseAll(build: InstanceBuild, options: CallOptions = {}): Promise<void> {
    await this.#change('release interfaces', options, async () => {
      await this.#keepOnly(build, () => false);
    });
  }

  async moveTo(build: InstanceBuild, host: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    await checkedValue(moveCall, { instanceUuid: build.instanceUuid, host }, 'INVALID_INPUT');
    return await this.#change('move interfaces', options, async () => {
      const known = this.#own(build);
      if (known === undefined) return [];
      for (const { networkId } of known.interfaces) requireReach(this.#network(networkId), host);
      return this.#interfacesIn(known.host === host ? known : await this.#save({ ...known, host }));
    });
  }

  async interfacesOf(build: InstanceBuild, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return await providerCall('list interfaces', options, async () => {
      const known = this.#own(build);
      return known === undefined ? [] : this.#interfacesIn(known);
    });
  }

  /** Waits for what is being written, and gives the directory away. Idempotent; every change rejects with `STORE_UNAVAILABLE` afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lanes.idle();
    await this.#owner[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What a build has. What another build of the instance has is none of its business. */
  #own({ instanceUuid, buildUuid }: InstanceBuild): Allocation | undefined {
    const known = this.#allocations.byInstance.get(instanceUuid);
    return known?.buildUuid === buildUuid ? known : undefined;
  }

  /** The same for a build that wants more. @throws ComputeError `INSTANCE_EXISTS` when another build of the instance has interfaces */
  #known({ instanceUuid, buildUuid }: Pick<Allocation, 'instanceUuid' | 'buildUuid'>): Allocation | undefined {
    const known = this.#allocations.byInstance.get(instanceUuid);
    if (known !== undefined && known.buildUuid !== buildUuid)
      throw new ComputeError('INSTANCE_EXISTS', { instanceUuid });
    return known;
  }

  /** @throws ComputeError `RESERVATION_ENDED` */
  #refuseEnded(reservationId: string | null): void {
    if (reservationId === null || !this.#allocations.endedReservations.includes(reservationId)) return;
    throw new ComputeError('RESERVATION_ENDED', { reservationId });
  }

  /** Takes from a build what it is not to keep; `endedReservations` as they are then. */
  async #keepOnly(
    build: InstanceBuild,
    isKept: (each: AllocatedInterface) => boolean,
    endedReservations = this.#allocations.endedReservations,
  ): Promise<void> {
    const known = this.#own(build);
    const interfaces = known?.interfaces.filter(isKept) ?? [];
    const isSame = known === undefined || interfaces.length === known.interfaces.length;
    if (isSame && endedReservations === this.#allocations.endedReservations) return;
    await this.#save(known && { ...known, interfaces }, endedReservations);
  }

  #newInterfaces(
    { projectId, host, interfaces }: Allocation,
    requests: readonly CheckedRequest[],
    field: 'request' | 'requests',
    idempotencyKey: string | null,
  ): AllocatedInterface[] {
    const taken = new Set([...this.#all()].map(({ macAddress }) => macAddress));
    const count = taken.size + requests.length;
    const added: AllocatedInterface[] = [];
    for (const [index, request] of requests.entries()) {
      const at = field === 'request' ? field : `${field}[${index}]`;
      const network = this.#usable(request.networkId, projectId, at);
      requireReach(network, host);
      const macAddress = request.macAddress ?? freeMacAddress(this.#options.macPrefix, (address) => taken.has(address));
      if (macAddress === undefined || count > this.#options.interfaceCountMax) {
        throw new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'ports' });
      }
      if (taken.has(macAddress)) throw invalid(`${at}.macAddress`, macAddress, 'an address that no interface has');
      taken.add(macAddress);
      added.push({ id: randomUUID(), networkId: network.id, macAddress, idempotencyKey });
    }
    if (interfaces.length + added.length > 64) throw invalid(field, 'one more', 'at most 64 interfaces');
    return added;
  }

  #usable(wished: string | undefined, projectId: string, field: string): LocalNetwork {
    const networkId = wished ?? this.#options.defaultNetworkId;
    if (networkId === undefined) throw invalid(`${field}.networkId`, 'missing', 'the id of a network');
    const network = this.#networks.get(networkId);
    if (network !== undefined && network.projectIds?.includes(projectId) !== false) return network;
    throw new ComputeError('NETWORK_NOT_FOUND', { networkId });
  }

  #network(networkId: string): LocalNetwork {
    const network = this.#networks.get(networkId);
    if (network === undefined) throw new ComputeError('NETWORK_UNAVAILABLE', { networkId }, { effect: 'none' });
    return network;
  }

  #connected(allocated: AllocatedInterface): NetworkInterface {
    return interfaceOf(allocated, this.#network(allocated.networkId));
  }

  #interfacesIn({ interfaces }: Allocation): readonly NetworkInterface[] {
    return Object.freeze(interfaces.map((each) => this.#connected(each)));
  }

  *#all(): Generator<AllocatedInterface> {
    for (const { interfaces } of this.#allocations.byInstance.values()) yield* interfaces;
  }

  /** On disk first, then here: what was not written has not happened. An instance without interfaces is not kept. */
  async #save<Saved extends Allocation | undefined>(
    allocation: Saved,
    endedReservations = this.#allocations.endedReservations,
  ): Promise<Saved> {
    const byInstance = new Map(this.#allocations.byInstance);
    if (allocation?.interfaces.length === 0) byInstance.delete(allocation.instanceUuid);
    else if (allocation) byInstance.set(allocation.instanceUuid, allocation);
    const next = { byInstance, endedReservations };
    await this.#file.write(next);
    this.#allocations = next;
    return allocation;
  }

  /** One change at a time: the file holds them all. */
  #change<Result>(operation: string, options: CallOptions, work: () => Promise<Result>): Promise<Result> {
    return providerCall(operation, options, async () => {
      if (this.#isClosed) throw closedProvider();
      return await this.#lanes.enter('allocations', options.signal, async () => {
        await this.#leaders.admit(options.leader);
        return await work();
      });
    });
  }
}

function requireReach(network: LocalNetwork, host: string): void {
  if (network.hosts === undefined || network.hosts.includes(host)) return;
  const operator = { message: `the network does not reach ${host}`, host };
  throw new ComputeError('NETWORK_UNAVAILABLE', { networkId: network.id }, { effect: 'none', operator });
}

function requireNetworks({ byInstance }: Allocations, { networks }: Checked): void {
  const ids = networks.map(({ id }) => id);
  for (const { interfaces, instanceUuid } of byInstance.values()) {
    const lost = interfaces.find(({ networkId }) => !ids.includes(networkId));
    if (lost === undefined) continue;
    const accepted = `a list with ${lost.networkId}, on which instance ${instanceUuid} has an interface`;
    throw new ComputeError('INVALID_CONFIGURATION', { field: 'networks', value: ids.join(', '), accepted });
  }
}

function invalid(field: string, value: string, accepted: string): ComputeError {
  return new ComputeError('INVALID_INPUT', { field, value, accepted });
}
