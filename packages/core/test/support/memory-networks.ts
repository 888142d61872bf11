import { ComputeError } from '@virtkit/core';
import type {
  CallOptions,
  InstanceBuild,
  InterfaceAttachment,
  NetworkAllocation,
  NetworkCheck,
  NetworkInterface,
  NetworkProvider,
  NetworkRequest,
} from '@virtkit/core/providers';
import type { ProviderFaults } from './provider-faults.js';

interface Port {
  readonly networkInterface: NetworkInterface;
  readonly instanceUuid: string;
  readonly buildUuid: string | undefined;
  readonly reservationId: string | null;
}

interface KeptNetworks {
  readonly hosts: ReadonlyMap<string, string>;
  readonly ports: readonly Port[];
}

/** Networks of a test: `net-1`, which everybody gets who does not ask, and `net-2`. */
export class MemoryNetworks implements NetworkProvider {
  readonly #faults: ProviderFaults;
  #hosts = new Map<string, string>();
  #ports: readonly Port[] = [];
  #ended: readonly string[] = [];
  #made = 0;

  constructor(faults: ProviderFaults) {
    this.#faults = faults;
  }

  /** What is known, to be given to {@link become} of another. */
  get kept(): KeptNetworks {
    return { hosts: this.#hosts, ports: this.#ports };
  }

  /** Knows what another one knows. */
  become({ hosts, ports }: KeptNetworks): void {
    this.#hosts = new Map(hosts);
    this.#ports = ports;
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

  checkRequests({ requests }: NetworkCheck, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.checkRequests', options, () => {
      for (const { networkId } of requests) requireNetwork(networkId);
    });
  }

  allocate(
    { host, requests, reservationId, ...build }: NetworkAllocation,
    options: CallOptions = {},
  ): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.allocate', options, () => {
      for (const { networkId } of requests) requireNetwork(networkId);
      this.#refuse(build, reservationId ?? null);
      if (this.#own(build).length > 0) return this.#own(build);
      this.#hosts.set(build.instanceUuid, host);
      for (const request of requests) this.#add(build, request, reservationId ?? null);
      return this.#own(build);
    });
  }

  attach(
    { host, request, idempotencyKey, ...build }: InterfaceAttachment,
    options: CallOptions = {},
  ): Promise<NetworkInterface> {
    return this.#faults.around('networks.attach', options, () => {
      requireNetwork(request.networkId);
      this.#refuse(build, idempotencyKey);
      const known = this.#ports.find((port) => port.reservationId === idempotencyKey);
      if (known) return known.networkInterface;
      if (!this.#hosts.has(build.instanceUuid)) this.#hosts.set(build.instanceUuid, host);
      return this.#add(build, request, idempotencyKey);
    });
  }

  release(build: InstanceBuild, interfaceId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.release', options, () => {
      this.#ports = this.#ports.filter((port) => !isOf(port, build) || port.networkInterface.id !== interfaceId);
    });
  }

  unreserve(build: InstanceBuild, reservationId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.unreserve', options, () => {
      this.#ended = [...this.#ended, reservationId];
      this.#ports = this.#ports.filter((port) => !isOf(port, build) || port.reservationId !== reservationId);
    });
  }

  releaseAll(build: InstanceBuild, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('networks.releaseAll', options, () => {
      this.#ports = this.#ports.filter((port) => !isOf(port, build));
      if (this.#of(build.instanceUuid).length === 0) this.#hosts.delete(build.instanceUuid);
    });
  }

  moveTo(build: InstanceBuild, host: string, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.moveTo', options, () => {
      this.#hosts.set(build.instanceUuid, host);
      return this.#own(build);
    });
  }

  interfacesOf(build: InstanceBuild, options: CallOptions = {}): Promise<readonly NetworkInterface[]> {
    return this.#faults.around('networks.interfacesOf', options, () => this.#own(build));
  }

  #own(build: InstanceBuild): readonly NetworkInterface[] {
    return this.#ports.filter((port) => isOf(port, build)).map((port) => port.networkInterface);
  }

  #refuse(build: InstanceBuild, reservationId: string | null): void {
    if (reservationId !== null && this.#ended.includes(reservationId)) {
      throw new ComputeError('RESERVATION_ENDED', { reservationId });
    }
    const { instanceUuid } = build;
    if (this.#ports.some((port) => port.instanceUuid === instanceUuid && !isOf(port, build))) {
      throw new ComputeError('INSTANCE_EXISTS', { instanceUuid });
    }
  }

  #of(instanceUuid: string): readonly NetworkInterface[] {
    return this.#ports.filter((port) => port.instanceUuid === instanceUuid).map((port) => port.networkInterface);
  }

  #add(
    { instanceUuid, buildUuid }: InstanceBuild,
    { macAddress }: NetworkRequest,
    reservationId: string | null,
  ): NetworkInterface {
    this.#made++;
    const nth = this.#made.toString(16).padStart(2, '0');
    const networkInterface: NetworkInterface = {
      type: 'user',
      id: `00000000-0000-4000-9000-0000000000${nth}`,
      macAddress: macAddress ?? `52:54:00:00:01:${nth}`,
      status: 'active',
    };
    this.#ports = [...this.#ports, { networkInterface, instanceUuid, buildUuid, reservationId }];
    return networkInterface;
  }
}

function isOf(port: Port, { instanceUuid, buildUuid }: InstanceBuild): boolean {
  return port.instanceUuid === instanceUuid && port.buildUuid === buildUuid;
}

function requireNetwork(networkId = 'net-1'): void {
  if (!['net-1', 'net-2'].includes(networkId)) throw new ComputeError('NETWORK_NOT_FOUND', { networkId });
}
