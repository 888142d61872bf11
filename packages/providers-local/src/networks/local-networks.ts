import { randomUUID } from 'node:crypto';
import {
  checkedValue,
  type CallOptions,
  ComputeError,
  type InterfaceAttachment,
  type NetworkAllocation,
  type NetworkInterface,
  type NetworkProvider,
} from '@virtkit/core/providers';
import type { z } from 'zod';
import { DirectoryOwner } from '../directory/directory-owner.js';
import { Lanes } from '../directory/lanes.js';
import { LeaderEpochs } from '../directory/leader-epochs.js';
import { makeDirectory } from '../directory/make-directory.js';
import { closedProvider, providerCall } from '../errors/provider-call.js';
import { type AllocatedInterface, type Allocation, AllocationFile } from './allocation-file.js';
import { interfaceOf } from './interface-of.js';
import { type LocalNetwork, localNetworksOptions, type LocalNetworksOptions } from './local-networks-options.js';
import { freeMacAddress } from './mac-address.js';
import { allocationCall, attachmentCall, type CheckedRequest, moveCall } from './network-call.js';

type Checked = z.output<typeof localNetworksOptions>;
type Allocations = ReadonlyMap<string, Allocation>;

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

  async allocate(request: NetworkAllocation, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    const { instanceUuid, projectId, host, requests } = await checkedValue(allocationCall, request, 'INVALID_INPUT');
    return await this.#change('allocate interfaces', options, async () => {
      const known = this.#allocations.get(instanceUuid);
      if (known !== undefined && known.interfaces.length > 0) return this.#interfacesIn(known);
      const allocation: Allocation = { instanceUuid, projectId, host, interfaces: [] };
      const interfaces = this.#newInterfaces(allocation, requests, 'requests', null);
      return this.#interfacesIn(await this.#save({ ...allocation, interfaces }));
    });
  }

  async attach(request: InterfaceAttachment, options: CallOptions = {}): Promise<NetworkInterface> {
    const { request: wish, idempotencyKey, ...whose } = await checkedValue(attachmentCall, request, 'INVALID_INPUT');
    return await this.#change('attach an interface', options, async () => {
      const known = this.#allocations.get(whose.instanceUuid) ?? { ...whose, interfaces: [] };
      const repeated = known.interfaces.find((each) => each.idempotencyKey === idempotencyKey);
      if (repeated !== undefined) return this.#connected(repeated);
      const allocation = { ...known, host: known.interfaces.length > 0 ? known.host : whose.host };
      const [added] = this.#newInterfaces(allocation, [wish], 'request', idempotencyKey);
      const interfaces = [...known.interfaces, added as AllocatedInterface];
      await this.#save({ ...allocation, interfaces });
      return this.#connected(added as AllocatedInterface);
    });
  }

  async release(instanceUuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    await this.#change('release an interface', options, async () => {
      const known = this.#allocations.get(instanceUuid);
      const interfaces = known?.interfaces.filter(({ id }) => id !== interfaceId) ?? [];
      if (known === undefined || interfaces.length === known.interfaces.length) return;
      await this.#save({ ...known, interfaces });
    });
  }

  async releaseAll(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    await this.#change('release interfaces', options, async () => {
      const known = this.#allocations.get(instanceUuid);
      if (known !== undefined) await this.#save({ ...known, interfaces: [] });
    });
  }

  async moveTo(instanceUuid: string, host: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    await checkedValue(moveCall, { instanceUuid, host }, 'INVALID_INPUT');
    return await this.#change('move interfaces', options, async () => {
      const known = this.#allocations.get(instanceUuid);
      if (known === undefined) return [];
      for (const { networkId } of known.interfaces) requireReach(this.#network(networkId), host);
      return this.#interfacesIn(known.host === host ? known : await this.#save({ ...known, host }));
    });
  }

  async interfacesOf(instanceUuid: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return await providerCall('list interfaces', options, async () => {
      const known = this.#allocations.get(instanceUuid);
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
    for (const { interfaces } of this.#allocations.values()) yield* interfaces;
  }

  /** On disk first, then here: what was not written has not happened. An instance without interfaces is not kept. */
  async #save(allocation: Allocation): Promise<Allocation> {
    const next = new Map(this.#allocations);
    if (allocation.interfaces.length === 0) next.delete(allocation.instanceUuid);
    else next.set(allocation.instanceUuid, allocation);
    await this.#file.write(next.values());
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

function requireNetworks(allocations: Allocations, { networks }: Checked): void {
  const ids = networks.map(({ id }) => id);
  for (const { interfaces, instanceUuid } of allocations.values()) {
    const lost = interfaces.find(({ networkId }) => !ids.includes(networkId));
    if (lost === undefined) continue;
    const accepted = `a list with ${lost.networkId}, on which instance ${instanceUuid} has an interface`;
    throw new ComputeError('INVALID_CONFIGURATION', { field: 'networks', value: ids.join(', '), accepted });
  }
}

function invalid(field: string, value: string, accepted: string): ComputeError {
  return new ComputeError('INVALID_INPUT', { field, value, accepted });
}
