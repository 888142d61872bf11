import {
  ComputeError,
  type CallOptions,
  type DriverEnvironment,
  type GuestName,
  type HostResources,
} from '@virtkit/core/driver';
import { ErrorNumber, LibvirtClient, LibvirtError, type Domain } from '@virtkit/libvirt-client';
import { CallFence } from '../call-fence.js';
import type { GuestContext } from '../guest/guest-context.js';
import { Guest } from '../guest/guest.js';
import type { LibvirtConfiguration } from '../libvirt-configuration.js';
import { GuestEvents } from './guest-events.js';
import { HostContact } from './host-contact.js';
import { hostResources } from './host-resources.js';
import { ManagedUuids } from './managed-uuids.js';

/** How many domains are asked at a time whose they are. */
const LIST_BATCH_COUNT = 64;

/** libvirt on one host: the connections, the managed guests, and what happens to them. Foreign domains do not exist in it. */
export class Host {
  readonly #configuration: LibvirtConfiguration;
  readonly #environment: DriverEnvironment;
  readonly #managed = new ManagedUuids();
  #client: LibvirtClient | undefined;
  #events: GuestEvents | undefined;
  #contact: HostContact | undefined;

  constructor(configuration: LibvirtConfiguration, environment: DriverEnvironment) {
    this.#configuration = configuration;
    this.#environment = environment;
  }

  /** Connects, and tells of events from then on. Lost connections are made anew in the background. */
  async connect(options: CallOptions): Promise<void> {
    const { uri, socketPath, timeouts } = this.#configuration;
    const socket = socketPath === undefined ? {} : { socketPath };
    const connectTimeoutMs = timeouts.readMs;
    const beforeChange = (): Promise<void> => CallFence.pass();
    this.#client = await LibvirtClient.connect({ uri, ...socket, connectTimeoutMs, beforeChange, ...options });
    await this.#requireGuestKind(this.#client);
    this.#events = await GuestEvents.open(this.#client, this.#environment, (uuid) => this.#isManaged(uuid));
    this.#contact = new HostContact(this.#client, this.#environment);
  }

  /** Idempotent; does not reject because libvirt is gone. */
  async close(): Promise<void> {
    await this.#contact?.[Symbol.asyncDispose]();
    await this.#events?.[Symbol.asyncDispose]();
    await this.#client?.close();
  }

  /** The managed guest with this uuid, of whatever generation, or `undefined`. */
  async findAnyGuest(uuid: string, options: CallOptions): Promise<Guest | undefined> {
    const found = await this.#lookup(uuid, options);
    return found === 'foreign' ? undefined : found;
  }

  /** The managed guest that is named, or `undefined`: one of another generation is absent. */
  async findGuest(name: GuestName, options: CallOptions): Promise<Guest | undefined> {
    const found = await this.findAnyGuest(name.uuid, options);
    return found === undefined || isOfAnother(found, name) ? undefined : found;
  }

  /** @throws ComputeError `INSTANCE_NOT_FOUND` */
  async getGuest(name: GuestName, options: CallOptions): Promise<Guest> {
    const guest = await this.findGuest(name, options);
    if (guest === undefined) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: name.uuid });
    return guest;
  }

  /**
   * The managed guest that is named, or `undefined` when it may be made.
   * @throws ComputeError `INSTANCE_EXISTS` when a foreign domain or a guest of another generation has the uuid: to define would change that
   */
  async findGuestOrPlace(name: GuestName, options: CallOptions): Promise<Guest | undefined> {
    const found = await this.#lookup(name.uuid, options);
    if (found === undefined || (found !== 'foreign' && !isOfAnother(found, name))) return found;
    const message =
      found === 'foreign'
        ? 'a libvirt domain that this driver has not made has this uuid'
        : 'the guest of this uuid is of another generation';
    throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: name.uuid }, { operator: { message } });
  }

  /** Defines the guest, or a managed one anew. Is not aborted: it is short, and half of it would be hard to clean up. */
  async defineGuest(uuid: string, xml: string): Promise<Guest> {
    this.#managed.add(uuid);
    return Guest.create(xml, uuid, this.#context());
  }

  /** Stops and removes a managed guest. Idempotent. */
  async removeGuest(uuid: string, options: CallOptions): Promise<void> {
    const guest = await this.findAnyGuest(uuid, options);
    await guest?.remove(options);
  }

  async listGuestUuids(options: CallOptions): Promise<readonly string[]> {
    const call = { ...options, timeoutMs: this.#configuration.timeouts.readMs };
    const domains = await this.#connected().listAllDomains(0, call);
    const uuids: string[] = [];
    for (let first = 0; first < domains.length; first += LIST_BATCH_COUNT) {
      const batch = domains.slice(first, first + LIST_BATCH_COUNT);
      const guests = await Promise.all(batch.map((domain) => this.#managedGuest(domain, options)));
      uuids.push(...guests.filter((guest) => guest !== undefined).map((guest) => guest.uuid));
    }
    return uuids;
  }

  async resources(options: CallOptions): Promise<HostResources> {
    const { stateDirectory, timeouts } = this.#configuration;
    return hostResources(this.#connected(), stateDirectory, { ...options, timeoutMs: timeouts.readMs });
  }

  async #lookup(uuid: string, options: CallOptions): Promise<Guest | 'foreign' | undefined> {
    let domain: Domain;
    try {
      const call = { ...options, timeoutMs: this.#configuration.timeouts.readMs };
      domain = await this.#connected().lookupByUUID(uuid, call);
    } catch (failure) {
      if (LibvirtError.is(failure, ErrorNumber.VIR_ERR_NO_DOMAIN)) return undefined;
      throw failure;
    }
    return (await this.#managedGuest(domain, options)) ?? 'foreign';
  }

  async #managedGuest(domain: Domain, options: CallOptions): Promise<Guest | undefined> {
    const guest = new Guest(domain, this.#context());
    if (!(await guest.isManaged(options))) return undefined;
    this.#managed.add(guest.uuid);
    return guest;
  }

  async #isManaged(uuid: string): Promise<boolean> {
    return this.#managed.has(uuid) || (await this.findAnyGuest(uuid, {})) !== undefined;
  }

  /** Asked once at the start: whether libvirt can run such guests at all is a matter of configuration. */
  async #requireGuestKind(client: LibvirtClient): Promise<void> {
    const { virtType, machine, emulator, timeouts } = this.#configuration;
    const program = emulator === undefined ? {} : { emulatorbin: emulator };
    const kind = { arch: 'x86_64', machine, virttype: virtType, ...program };
    try {
      // Asked for the first time, libvirt runs the emulator to see what it can do.
      await client.getDomainCapabilities(kind, 0, { timeoutMs: timeouts.startMs });
    } catch (cause) {
      if (!LibvirtError.is(cause)) throw cause;
      const [field, value] = emulator === undefined ? ['virtType', virtType] : ['emulator', emulator];
      const accepted = 'what libvirt can run x86_64 guests with on this host';
      const operator = { message: cause.rawMessage, libvirtCode: cause.codeName };
      throw new ComputeError('INVALID_CONFIGURATION', { field, value, accepted }, { cause, operator });
    }
  }

  #context(): GuestContext {
    const { clock, log } = this.#environment;
    return { client: this.#connected(), timeouts: this.#configuration.timeouts, clock, log };
  }

  #connected(): LibvirtClient {
    if (this.#client === undefined) throw new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    return this.#client;
  }
}

/**
 * The one comparison of generations, but for `spawn` and `destroy`, which ask more. A guest from before generations answers to every name:
 * the next start from a spec gives it one.
 */
function isOfAnother({ generation: found }: Guest, { generation = null }: GuestName): boolean {
  return found !== null && found !== generation;
}
