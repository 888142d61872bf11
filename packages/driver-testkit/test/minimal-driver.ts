import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type ComputeDriver,
  type DestroyRequest,
  type DriverEnvironment,
  type GuestInspection,
  type GuestName,
  type GuestRequest,
  type HostRequest,
  type HostResources,
  type InspectRequest,
  type InstanceRequest,
  type InstanceSpec,
  type LifecycleTransition,
  type PauseAbility,
  type PowerAbility,
  type PowerOffRequest,
  type RebootAbility,
  type RebootRequest,
  type SpawnRequest,
  type SuspendAbility,
} from '@virtkit/core/driver';
import type { ConsoleOutputAbility, ConsoleOutputRequest, HostResourcesAbility } from '@virtkit/core/driver';
import { minimalDeviceCapabilities, minimalDevices } from './minimal-devices.js';
import { compareGenerations } from './minimal-generations.js';
import { minimalHostCapabilities, minimalHostMethods } from './minimal-host-methods.js';
import type { MinimalClient, MinimalGuest, MinimalHost } from './minimal-host.js';
import { minimalMoveCapabilities, minimalMoves } from './minimal-moves.js';

export const minimalCapabilities = {
  power: true,
  pause: true,
  suspend: true,
  reboot: true,
  consoleOutput: true,
  hostResources: true,
  ...minimalDeviceCapabilities,
  ...minimalMoveCapabilities,
  ...minimalHostCapabilities,
} as const;

/** The shortest driver that keeps the contract. The broken ones are made of it. */
export class MinimalDriver
  implements
    ComputeDriver,
    PowerAbility,
    PauseAbility,
    SuspendAbility,
    RebootAbility,
    ConsoleOutputAbility,
    HostResourcesAbility
{
  readonly capabilities = minimalCapabilities;
  readonly host: MinimalHost;
  readonly environment: DriverEnvironment;
  isOpen = false;
  readonly #starts = new Map<string, AbortController>();

  constructor(host: MinimalHost, environment: DriverEnvironment) {
    this.host = host;
    this.environment = environment;
    Object.assign(this, minimalDevices(this), minimalMoves(this), minimalHostMethods(this));
    compareGenerations(this);
  }

  readonly listen = (instanceUuid: string, transition: LifecycleTransition): void => {
    if (this.host.guests.get(instanceUuid)?.maker === 'stranger') return;
    this.environment.emit({ type: 'lifecycle', instanceUuid, transition, occurredAtMs: Date.now() });
  };

  client: MinimalClient = {
    lost: () => {
      this.isOpen = false;
      this.environment.emit({ type: 'unavailable', occurredAtMs: Date.now() });
    },
    back: () => {
      this.isOpen = true;
      this.host.listeners.add(this.listen);
      this.environment.emit({ type: 'available', occurredAtMs: Date.now() });
    },
  };

  async initHost(_request: HostRequest, { signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.isOpen = true;
    this.host.storage.captures.clear();
    this.host.listeners.add(this.listen);
    this.host.clients.add(this.client);
  }

  async cleanupHost(_request?: HostRequest): Promise<void> {
    this.isOpen = false;
    this.host.listeners.delete(this.listen);
    this.host.clients.delete(this.client);
  }

  async spawn({ instance, start, disks }: SpawnRequest, { signal }: CallOptions = {}): Promise<void> {
    this.begin({ signal });
    const { uuid, generation, image } = instance;
    if (this.#mustBeFree(instance, disks) === 'taken') {
      if (start === 'leave-off' || this.host.own(uuid)?.state === 'RUNNING') return;
      return await this.#startOrRemove(instance, undefined, signal);
    }
    const kept = disks === 'reuse' ? this.#keptDisks(uuid) : undefined;
    await this.mayChange();
    this.host.disks.add(uuid);
    this.host.storage.contents.set(uuid, kept ?? this.host.storage.newWord());
    this.host.storage.define(uuid, [...instance.blockDevices, ...instance.networkInterfaces]);
    this.host.addGuest(uuid, 'virtkit', 'SHUTDOWN', generation);
    this.host.storage.images.set(uuid, image.id);
    if (start === 'leave-off') return;
    await this.#startOrRemove(instance, kept, signal);
  }

  async destroy({ instance, disks = 'remove' }: DestroyRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    const { uuid, generation } = instance;
    if (this.isOfAnother(uuid, generation)) return;
    await this.mayChange();
    this.#starts.get(uuid)?.abort(new ComputeError('ABORTED', { operation: 'start' }));
    if (this.host.guests.get(uuid)?.maker === 'stranger') return;
    const before = this.host.disks.has(uuid);
    const content = this.host.storage.contents.get(uuid) ?? '';
    this.remove(uuid);
    if (disks !== 'keep' || !before) return;
    this.#keep(uuid, content);
    this.host.storage.madeFor.set(uuid, generation ?? null);
  }

  /** Which generation is there; `undefined` where nothing is. */
  generationOf(uuid: string): string | null | undefined {
    const guest = this.host.own(uuid);
    if (guest !== undefined) return guest.generation;
    return this.host.disks.has(uuid) ? this.host.storage.madeFor.get(uuid) : undefined;
  }

  /** Whether the guest is of another generation than the one that is named. One from before generations answers to every name. */
  isGuestOfAnother({ uuid, generation = null }: GuestName): boolean {
    const found = this.host.own(uuid)?.generation ?? null;
    return found !== null && found !== generation;
  }

  isOfAnother(uuid: string, generation: string | null | undefined): boolean {
    const found = this.generationOf(uuid);
    return found !== undefined && found !== (generation ?? null);
  }

  async getInfo({ instance }: GuestRequest, options: CallOptions = {}) {
    this.begin(options);
    return { powerState: this.present(instance.uuid).state };
  }

  async inspect({ instanceUuid: uuid }: InspectRequest, options: CallOptions = {}): Promise<GuestInspection> {
    this.begin(options);
    const { host } = this;
    if (host.guests.get(uuid)?.maker === 'stranger') {
      return { guest: 'absent', powerState: 'NOSTATE', savedMemory: 'absent', belongings: [] };
    }
    const guest = host.own(uuid);
    return {
      guest: guest ? 'present' : 'absent',
      powerState: guest?.state ?? 'NOSTATE',
      savedMemory: host.savedMemory.has(uuid) ? 'present' : 'absent',
      ...(host.storage.rescued.has(uuid) && { bootsFrom: 'rescue-image' }),
      ...(this.generationOf(uuid) !== undefined && { generation: this.generationOf(uuid) as string | null }),
      ...(host.disks.has(uuid) &&
        host.storage.images.has(uuid) && { imageId: host.storage.images.get(uuid) as string }),
      belongings: [
        ...(host.disks.has(uuid) ? ['disk'] : []),
        ...(host.vifs.has(uuid) ? ['vif'] : []),
        ...(host.savedMemory.has(uuid) ? ['saved memory'] : []),
        ...(host.storage.shares.get(uuid) ?? []).map(({ id }) => `share ${id}`),
        ...(host.storage.captures.has(uuid) ? ['capture'] : []),
        ...host.moves.belongings(uuid),
      ],
    };
  }

  async listInstanceUuids(_request: HostRequest, options: CallOptions = {}): Promise<readonly string[]> {
    this.begin(options);
    return [...this.host.guests.keys()].filter((uuid) => this.host.own(uuid));
  }

  async powerOn({ instance }: InstanceRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    this.refuseForeign(instance.uuid);
    if (this.host.own(instance.uuid)?.state !== 'RUNNING') await this.start(instance, options);
  }

  async powerOff({ instance, gracePeriodMs = 0 }: PowerOffRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    const { uuid, generation } = instance;
    if (this.isOfAnother(uuid, generation)) return;
    await this.mayChange();
    if (gracePeriodMs === 0) this.#starts.get(uuid)?.abort(new ComputeError('ABORTED', { operation: 'start' }));
    const guest = this.host.own(uuid);
    if (guest === undefined && !this.host.guests.has(uuid)) this.host.vifs.delete(uuid);
    if (guest === undefined || guest.state === 'SHUTDOWN' || guest.state === 'SUSPENDED') return;
    if (this.host.deaf.has(uuid)) await this.environment.clock.sleep(gracePeriodMs, options);
    this.stop(uuid);
  }

  async pause({ instance: { uuid } }: GuestRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    await this.mayChange();
    this.#go(uuid, 'pause', 'RUNNING', 'PAUSED', 'paused');
  }

  async unpause({ instance: { uuid } }: GuestRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    await this.mayChange();
    this.#go(uuid, 'unpause', 'PAUSED', 'RUNNING', 'resumed');
  }

  async suspend({ instance: { uuid } }: GuestRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    await this.mayChange();
    this.#go(uuid, 'suspend', 'RUNNING', 'SUSPENDED', 'suspended');
    this.host.savedMemory.add(uuid);
    this.host.vifs.delete(uuid);
  }

  async resume({ instance: { uuid } }: InstanceRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    this.present(uuid);
    await this.mayChange();
    this.#translated(uuid, () => this.host.refuseBroken(uuid));
    this.#go(uuid, 'resume', 'SUSPENDED', 'RUNNING', 'resumed');
    this.host.savedMemory.delete(uuid);
    this.host.vifs.add(uuid);
  }

  async reboot({ instance }: RebootRequest, options: CallOptions = {}): Promise<void> {
    this.begin(options);
    this.refuseForeign(instance.uuid);
    const isThere = this.host.own(instance.uuid) !== undefined;
    if (!isThere) return await this.start(instance, options);
    await this.mayChange();
    this.stop(instance.uuid);
    await afterAnEffect(() => this.start(instance, options));
  }

  async getConsoleOutput({ instance, lengthBytesMax = 102_400 }: ConsoleOutputRequest, options: CallOptions = {}) {
    this.begin(options);
    const { life } = this.present(instance.uuid);
    const written = Buffer.from(`Booting, life ${life}\n`);
    return written.subarray(Math.max(0, written.length - lengthBytesMax));
  }

  async getAvailableResource(_request: HostRequest, options: CallOptions = {}): Promise<HostResources> {
    this.begin(options);
    const kind = { hypervisorType: 'minimal', hypervisorVersion: '1.0.0', hypervisorHostname: 'minimal-host-9' };
    return { ...kind, vcpus: 1, memoryMib: 1024, memoryUsedMib: 0, diskGib: 10, diskUsedGib: 0 };
  }

  /** Starts a guest, making it if it is lost. On failure it is off and without its vif. */
  async start({ uuid, generation, networkInterfaces }: InstanceSpec, { signal }: Loose = {}): Promise<void> {
    const keys = networkInterfaces
      .filter(({ status }) => status === 'down')
      .map(({ id }) => ({ name: 'network-vif-plugged' as const, tag: id }));
    const abort = new AbortController();
    signal?.addEventListener('abort', () => abort.abort(new ComputeError('ABORTED', { operation: 'start' })));
    this.#starts.set(uuid, abort);
    await this.mayChange();
    using expected = this.environment.externalEvents.expect(uuid, keys);
    const known = this.host.own(uuid);
    if (known === undefined) this.host.addGuest(uuid, 'virtkit', 'SHUTDOWN', generation);
    else known.generation = generation ?? null;
    this.host.vifs.add(uuid);
    try {
      this.#translated(uuid, () => this.host.boot(uuid, keys.length > 0 ? 'PAUSED' : 'RUNNING'));
      if (keys.length === 0) return;
      const events = await expected.arrive(60_000, { signal: abort.signal });
      if (events === 'timeout' || events.some(({ status }) => status === 'failed')) {
        throw new ComputeError('VIF_PLUG_FAILED', { instanceUuid: uuid });
      }
      await this.mayChange();
      this.present(uuid).state = 'RUNNING';
    } catch (failure) {
      await afterAnEffect(() => this.mayChange());
      if (this.host.own(uuid)) this.stop(uuid);
      throw failure;
    } finally {
      this.#starts.delete(uuid);
    }
  }

  stop(uuid: string): void {
    const guest = this.host.own(uuid);
    if (guest) guest.state = 'SHUTDOWN';
    this.host.vifs.delete(uuid);
    this.host.savedMemory.delete(uuid);
    this.host.storage.stop(uuid);
    this.host.tell(uuid, 'stopped');
  }

  remove(uuid: string): void {
    const { guests, disks, vifs, savedMemory } = this.host;
    for (const belongings of [guests, disks, vifs, savedMemory]) belongings.delete(uuid);
    this.host.storage.forget(uuid);
    this.host.moves.forget(uuid);
  }

  /** Asks for one effect. */
  mayChange = async (): Promise<void> => {
    await this.environment.fence.pass();
  };

  begin({ signal }: Loose): void {
    if (signal?.aborted) throw new ComputeError('ABORTED', { operation: 'call' }, { effect: 'none' });
    if (!this.isOpen) throw new ComputeError('HYPERVISOR_UNAVAILABLE', {});
  }

  present(uuid: string): MinimalGuest {
    const guest = this.host.own(uuid);
    if (guest === undefined) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    return guest;
  }

  /** Whether there is a guest to go on with. @throws ComputeError `INSTANCE_EXISTS` */
  #mustBeFree({ uuid, generation = null }: InstanceSpec, disks: SpawnRequest['disks']): 'taken' | 'free' {
    const isMine = this.host.own(uuid) !== undefined && generation !== null && !this.isOfAnother(uuid, generation);
    if (isMine) return 'taken';
    const isFree = !this.host.guests.has(uuid) && (disks === 'reuse' || !this.isOfAnother(uuid, generation));
    if (isFree) return 'free';
    throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: uuid });
  }

  async #startOrRemove(instance: InstanceSpec, kept: string | undefined, signal: AbortSignal | undefined) {
    try {
      await afterAnEffect(() => this.start(instance, { signal }));
    } catch (failure) {
      if (isComputeError(failure, 'OUTCOME_UNKNOWN')) throw failure;
      await afterAnEffect(() => this.mayChange());
      this.remove(instance.uuid);
      if (kept !== undefined) this.#keep(instance.uuid, kept);
      throw failure;
    }
  }

  #keptDisks(uuid: string): string {
    const content = this.host.storage.contents.get(uuid);
    if (content !== undefined && this.host.disks.has(uuid)) return content;
    throw new ComputeError('GUEST_START_FAILED', { instanceUuid: uuid, reason: 'disk' });
  }

  #keep(uuid: string, content: string): void {
    this.host.disks.add(uuid);
    this.host.storage.contents.set(uuid, content);
  }

  refuseForeign(uuid: string): void {
    if (this.host.guests.get(uuid)?.maker === 'stranger') this.present(uuid);
  }

  #go(
    uuid: string,
    operation: string,
    from: MinimalGuest['state'],
    to: MinimalGuest['state'],
    told: LifecycleTransition,
  ): void {
    const guest = this.present(uuid);
    if (guest.state === to) return;
    if (guest.state !== from) {
      const refusal = { instanceUuid: uuid, operation, attribute: 'power state', actual: guest.state } as const;
      throw new ComputeError('INSTANCE_INVALID_STATE', { ...refusal, accepted: [from, to] });
    }
    guest.state = to;
    this.host.tell(uuid, told);
  }

  #translated(uuid: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      if (isComputeError(cause)) throw cause;
      throw new ComputeError('GUEST_START_FAILED', { instanceUuid: uuid, reason: 'disk' }, { cause });
    }
  }
}

/** CallOptions as they come out of a destructured parameter. */
interface Loose {
  readonly signal?: AbortSignal | undefined;
}

/** Does what comes after an effect: refused by the fence, nobody knows what has come of the whole, and nothing is undone. */
async function afterAnEffect(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    if (!isComputeError(failure, 'SESSION_LOST')) throw failure;
    throw new ComputeError('OUTCOME_UNKNOWN', { operation: 'start' }, { cause: failure });
  }
}
