import {
  ComputeError,
  isComputeError,
  type Abilities,
  type CallOptions,
  type Capability,
  type ComputeDriver,
  type DriverMethodName,
  type GuestInspection,
  type GuestName,
  type HostRequest,
  type InspectRequest,
  type InstanceSpec,
  type VolumeConnector,
} from '../driver/index.js';
import { noteDriverFailure } from './driver-failures.js';
import { driverCalls } from './driver-call-table.js';
import { guestCalls, type GuestCallRow } from './guest-call-table.js';
import type { GuardedDriver } from './guarded-driver.js';
import { isAnother, isMeant, seenOf, type GuestRef } from './guest-ref.js';
import type { KnownGenerations } from './known-generations.js';

/** A request as the manager makes it: where the contract takes the name of a guest, the manager says which guest it means. */
type Meant<Request> = Request extends { readonly instance: InstanceSpec }
  ? Request
  : Request extends { readonly instance: GuestName }
    ? Omit<Request, 'instance'> & { readonly instance: GuestRef }
    : Request extends InspectRequest
      ? { readonly instance: GuestRef }
      : Request;

type Named<Method> = Method extends (request: infer Request, options?: infer Options) => infer Answer
  ? (request: Meant<Request>, options?: Options) => Answer
  : Method;

type AllNamed<Methods> = { readonly [M in keyof Methods]: Named<Methods[M]> };

type AllOf<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** A driver known to have some abilities, as the manager calls it. */
type GuestDriverWith<C extends Capability> = GuestDriver & AllNamed<AllOf<Abilities[C]>>;

/**
 * The driver as the rest of the manager has it. It never touches or shows another guest of an instance's uuid: before each call it compares
 * the generation of the guest that is there with that of the guest that is meant. Made by {@link guestDriver}.
 */
export interface GuestDriver
  extends AllNamed<Omit<ComputeDriver, 'cleanupHost' | 'honoured'>>, Pick<GuardedDriver, 'cleanupHost' | 'honoured'> {
  /** The driver, known to have the ability. @throws ComputeError `NOT_SUPPORTED` */
  with<C extends Capability>(capability: C): GuestDriverWith<C>;
  /** Whatever is there under a uuid, whoever's it is. For operators, and to tell one guest from another. */
  inspectAny(request: InspectRequest, options?: CallOptions): Promise<GuestInspection>;
  /** Which generation the guest was when the driver was last asked; `undefined` when nobody knows. */
  knownGeneration(instanceUuid: string): string | null | undefined;
  /** A start that follows gives the guest, which has none yet, this generation. Does nothing where another guest is. */
  prepareMark(request: PrepareMarkRequest, options?: CallOptions): Promise<void>;
  /**
   * The names under which volumes may be connected to this host: the manager's first, then the hypervisor's own, under which earlier
   * versions connected them. @throws ComputeError `NOT_SUPPORTED`
   */
  volumeHostNames(request: HostRequest, options?: CallOptions): Promise<readonly string[]>;
}

interface PrepareMarkRequest {
  readonly instance: GuestRef;
  readonly generation: string;
}

interface AboutGuest {
  readonly instance: GuestRef;
}

type AnyCall = (request: AboutGuest, options?: CallOptions) => Promise<unknown>;

/**
 * Puts the comparison of generations before every call. The driver is asked by `inspect` once for each guest and process, and again when a
 * call about it has failed or an event says that it may be another: see {@link KnownGenerations}. `getInfo` is answered by that question.
 *
 * `getVolumeConnector` answers `host`, the manager's name, as the host: storage systems, networks and records know the host by one name.
 */
export function guestDriver(driver: GuardedDriver, known: KnownGenerations, host: string): GuestDriver {
  return new GuestGuard(driver, known, host).driver();
}

class GuestGuard {
  readonly #driver: GuardedDriver;
  readonly #known: KnownGenerations;
  readonly #host: string;

  constructor(driver: GuardedDriver, known: KnownGenerations, host: string) {
    this.#driver = driver;
    this.#known = known;
    this.#host = host;
  }

  driver(): GuestDriver {
    const methods = Object.keys(guestCalls) as DriverMethodName[];
    const calls = Object.fromEntries(methods.map((method) => [method, this.#callOf(method)]));
    const guarded = {
      ...calls,
      capabilities: this.#driver.capabilities,
      honoured: this.#driver.honoured,
      cleanupHost: (request: HostRequest) => this.#driver.cleanupHost(request),
      getInfo: ({ instance }: AboutGuest, options?: CallOptions) => this.#getInfo(instance, options),
      inspect: async ({ instance }: AboutGuest, options?: CallOptions) =>
        seenOf(instance, await this.#inspect({ instanceUuid: instance.uuid }, options)),
      inspectAny: (request: InspectRequest, options?: CallOptions) => this.#inspect(request, options),
      knownGeneration: (instanceUuid: string) => this.#known.of(instanceUuid),
      prepareMark: (request: PrepareMarkRequest, options?: CallOptions) => this.#prepareMark(request, options),
      getVolumeConnector: async (request: HostRequest, options?: CallOptions) => ({
        ...(await this.#connector(request, options)),
        host: this.#host,
      }),
      volumeHostNames: async (request: HostRequest, options?: CallOptions) => [
        ...new Set([this.#host, (await this.#connector(request, options)).host]),
      ],
      with: (capability: Capability) => {
        this.#driver.with(capability);
        return guarded;
      },
    } as unknown as GuestDriver;
    return Object.freeze(guarded);
  }

  #callOf(method: DriverMethodName): AnyCall {
    const row: GuestCallRow = guestCalls[method];
    const call = (this.#driver as unknown as Record<DriverMethodName, AnyCall>)[method];
    const { access } = driverCalls[method];
    if (row.ofAnother === 'host') return call;
    return async (request, options) => {
      const { instance: guest } = request;
      if (row.ofAnother !== 'driver' && (await this.#isAnother(guest, options))) {
        return refused(row, guest.uuid, access);
      }
      try {
        const answer = await call({ ...request, instance: this.#named(row, guest) }, options);
        this.#learn(row, guest);
        return answer;
      } catch (failure) {
        if (access !== 'read' || isComputeError(failure, 'INSTANCE_NOT_FOUND')) this.#known.forget(guest.uuid);
        noteDriverFailure(failure, access === 'read' ? 'a question' : 'a change');
        throw failure;
      }
    };
  }

  #learn({ leaves, makes }: GuestCallRow, { uuid, generation }: GuestRef): void {
    if (leaves) this.#known.forget(uuid);
    else if (makes) this.#known.learn(uuid, generation ?? null);
  }

  /** A guest as the contract has it: all of it where the driver needs that, or its name and nothing else of the record. */
  #named({ namedBy }: GuestCallRow, guest: GuestRef): GuestRef {
    return namedBy === 'spec' ? guest : this.#nameOf(guest);
  }

  /** With the generation of the record; of one from before generations whose guest was marked by the action under way, that mark. */
  #nameOf({ uuid, generation = null, taskOwner = null }: GuestRef): GuestName {
    return { uuid, generation: generation ?? (this.#known.of(uuid) === taskOwner ? taskOwner : null) };
  }

  async #inspect(request: InspectRequest, options?: CallOptions): Promise<GuestInspection> {
    const { instanceUuid } = request;
    const found = await this.#driver.inspect(request, options);
    if (found.guest === 'present') this.#known.learn(instanceUuid, found.generation ?? null);
    else this.#known.forget(instanceUuid);
    return found;
  }

  async #getInfo(guest: GuestRef, options?: CallOptions): ReturnType<ComputeDriver['getInfo']> {
    const { uuid } = guest;
    const generation = this.#known.of(uuid);
    if (generation !== undefined && isMeant(guest, generation)) return await this.#asked(guest, options);
    const seen = seenOf(guest, await this.#inspect({ instanceUuid: uuid }, options));
    if (seen.guest === 'present') return { powerState: seen.powerState };
    const missing = new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
    noteDriverFailure(missing, 'a question');
    throw missing;
  }

  async #asked(guest: GuestRef, options?: CallOptions): ReturnType<ComputeDriver['getInfo']> {
    try {
      return await this.#driver.getInfo({ instance: this.#nameOf(guest) }, options);
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) this.#known.forget(guest.uuid);
      throw failure;
    }
  }

  /** A question that fails has changed nothing, whatever the call that it precedes would have. */
  async #isAnother(guest: GuestRef, options: CallOptions = {}): Promise<boolean> {
    const generation = this.#known.of(guest.uuid);
    if (generation !== undefined && isMeant(guest, generation)) return false;
    const { signal } = options;
    try {
      return isAnother(guest, await this.#inspect({ instanceUuid: guest.uuid }, signal ? { signal } : {}));
    } catch (failure) {
      if (failure === signal?.reason || (isComputeError(failure) && failure.effect === 'none')) throw failure;
      if (isComputeError(failure, 'ABORTED')) {
        throw new ComputeError('ABORTED', failure.details, { cause: failure, effect: 'none' });
      }
      throw new ComputeError('HYPERVISOR_UNAVAILABLE', {}, { cause: failure, effect: 'none' });
    }
  }

  async #connector(request: HostRequest, options?: CallOptions): Promise<VolumeConnector> {
    return await this.#driver.with('volumes').getVolumeConnector(request, options);
  }

  async #prepareMark({ instance, generation }: PrepareMarkRequest, options?: CallOptions): Promise<void> {
    if (!(await this.#isAnother(instance, options))) this.#known.learn(instance.uuid, generation);
  }
}

function refused({ ofAnother }: GuestCallRow, instanceUuid: string, access: string): undefined {
  const operator = { message: 'the guest that is there, or what is left of one, is of another generation' };
  if (ofAnother === 'success') return undefined;
  const code = ofAnother === 'taken' ? 'INSTANCE_EXISTS' : 'INSTANCE_NOT_FOUND';
  const refusal = new ComputeError(code, { instanceUuid }, { operator });
  noteDriverFailure(refusal, access === 'read' ? 'a question' : 'a change');
  throw refusal;
}
