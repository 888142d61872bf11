import { ComputeError } from '@virtkit/core';
import type {
  CallOptions,
  InterfaceAttachment,
  NetworkAllocation,
  NetworkInterface,
  NetworkProvider,
  NetworkRequest,
} from '@virtkit/core/providers';
import type { ProviderFaults } from './provider-faults.js';

interface Port {
  readonly networkInterface: NetworkInterface;
  readonly instanceUuid: string;
  readonly idempotencyKey: string | null;
}

/** Networks of a test: `net-1`, which everybody gets who does not ask, and `net-2`. */
export class MemoryNetworks implements NetworkProvider {
  readonly #faults: ProviderFaults;
  readonly #hosts = new Map<string, string>();
  #ports: readonly Port[] = [];
  #made = 0;

  constructor(faults: ProviderFaults) {
    this.#faults = faults;
  }

  /** What an instance has, for the test. */
  idsOf(instanceUuid: string): readonly string[] {
    return this.#of(instanceUuid).map(({ id }) => id);
  }

  /** To which host an instance's interfaces are bound. */
  hostOf(instanceUuid: string): string | undefined {
    return this.#hosts.get(instanceUuid);
  }

  /** For a test: the network says something else of an interface from now on. */
  setMtu(interfaceId: string, mtuBytes: number): void {
    this.#ports = this.#ports.map((port) =>
      port.networkInterface.id === interfaceId
        ? { ...port, networkInterface: { ...port.networkInterface, mtuBytes } }
        : port,
    );
  }

  async leaderChanged(options: CallOptions = {}): Promise<void> {
    await Promise.resolve(this.#faults.leaders.admit(options));
  }

  allocate(
    { instanceUuid, host, requests }: NetworkAllocation,
    options: CallOptions = {},
  ): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.allocate', options, () => {
      for (const { networkId } of requests) requireNetwork(networkId);
      if (this.#of(instanceUuid).length > 0) return this.#of(instanceUuid);
      this.#hosts.set(instanceUuid, host);
      for (const request of requests) this.#add(instanceUuid, request, null);
      return this.#of(instanceUuid);
    });
  }

  attach(
    { instanceUuid, host, request, idempotencyKey }: InterfaceAttachment,
    options: CallOptions = {},
  ): Promise<NetworkInterface> {
    return this.#faults.around('networks.attach', options, () => {
      requireNetwork(request.networkId);
      const known = this.#ports.find((port) => port.idempotencyKey === idempotencyKey);
      if (known) return known.networkInterface;
      if (!this.#hosts.has(instanceUuid)) this.#hosts.set(instanceUuid, host);
      return this.#add(instanceUuid, request, idempotencyKey);
    });
  }

  release(instanceUuid: string, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.release', options, () => {
      this.#ports = this.#ports.filter(
        (port) => port.instanceUuid !== instanceUuid || port.networkInterface.id !== interfaceId,
      );
    });
  }

  releaseAll(instanceUuid: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.releaseAll', options, () => {
      this.#ports = this.#ports.filter((port) => port.instanceUuid !== instanceUuid);
      this.#hosts.delete(instanceUuid);
    });
  }

  moveTo(instanceUuid: string, host: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.moveTo', options, () => {
      this.#hosts.set(instanceUuid, host);
      return this.#of(instanceUuid);
    });
  }

  interfacesOf(instanceUuid: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.interfacesOf', options, () => this.#of(instanceUuid));
  }

  #of(instanceUuid: string): readonly NetworkInterface[] {
    return this.#ports.filter((port) => port.instanceUuid === instanceUuid).map((port) => port.networkInterface);
  }

  #add(instanceUuid: string, { macAddress }: NetworkRequest, idempotencyKey: string | null): NetworkInterface {
    this.#made++;
    const nth = this.#made.toString(16).padStart(2, '0');
    const networkInterface: NetworkInterface = {
      type: 'user',
      id: `00000000-0000-4000-9000-0000000000${nth}`,
      macAddress: macAddress ?? `52:54:00:00:01:${nth}`,
      status: 'active',
    };
    this.#ports = [...this.#ports, { networkInterface, instanceUuid, idempotencyKey }];
    return networkInterface;
  }
}

function requireNetwork(networkId = 'net-1'): void {
  if (!['net-1', 'net-2'].includes(networkId)) throw new ComputeError('NETWORK_NOT_FOUND', { networkId });
}
