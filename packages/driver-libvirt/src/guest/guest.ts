import {
  addOperatorFacts,
  ComputeError,
  suppress,
  type CallOptions,
  type ComputeErrorOptions,
} from '@virtkit/core/driver';
import {
  DomainCreateFlags,
  DomainMetadataType,
  DomainPausedReason,
  DomainSaveRestoreFlags,
  DomainShutdownFlagValues,
  DomainUndefineFlagsValues,
  DomainXMLFlags,
  ErrorNumber,
  LibvirtAbortError,
  LibvirtConnectionError,
  LibvirtError,
  LibvirtTimeoutError,
  type Domain,
} from '@virtkit/libvirt-client';
import { metadataNamespace } from '../domain-xml/domain-metadata.js';
import { isAnswerLost } from './answer-lost.js';
import type { GuestContext } from './guest-context.js';
import { lookAt, type GuestLook } from './guest-look.js';
import { generationInMetadata } from './guest-mark.js';
import { waitForGuest } from './wait-for-guest.js';
import { wasBooted } from './was-booted.js';

const {
  VIR_ERR_NO_DOMAIN,
  VIR_ERR_NO_DOMAIN_METADATA,
  VIR_ERR_OPERATION_FAILED,
  VIR_ERR_OPERATION_INVALID,
  VIR_ERR_SYSTEM_ERROR,
} = ErrorNumber;

/** What libvirt answers of saved memory that is not there, has a damaged head, or cannot be opened. */
const savedMemoryCodes = [VIR_ERR_OPERATION_INVALID, VIR_ERR_OPERATION_FAILED, VIR_ERR_SYSTEM_ERROR] as const;

/**
 * libvirt refuses to undefine a domain while it keeps something beside the definition. All of it goes: what other tools have
 * recorded of the guest (snapshots, checkpoints) is of no use without it. Of these only the records; files stay.
 */
const removesEverything =
  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA |
  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_NVRAM |
  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_TPM;

/** Somebody who starts a guest as fast as it is stopped must not keep the stopping busy for ever. */
const STOP_ATTEMPTS_MAX = 3;
/** A healthy agent takes milliseconds. libvirt counts its limit in seconds; less time than one is none. */
const AGENT_MS_MAX = 3_000;
const AGENT_MS_MIN = 1_000;
/** How often it is tried to look again after the connection was lost. */
const LOOK_INTERVAL_MS = 50;
/** Within this time libvirt has begun a start that was sent, or has failed with it. */
const START_BEGUN_MS = 2_000;

export interface LaunchOptions extends CallOptions {
  /** Default `'no'`. When paused, the guest's memory and devices are there, and its CPUs wait for {@link Guest.resume}. */
  readonly pause?: 'yes' | 'no';
}

/**
 * One libvirt domain. Knows what libvirt's calls mean, which of their errors mean success, and how to find out whether a
 * call was done when its answer was lost. Lets foreign errors out: the driver's edge translates them.
 */
export class Guest {
  readonly uuid: string;
  readonly #domain: Domain;
  readonly #context: GuestContext;
  #xml: string | undefined;
  #isAgentSilent = false;
  #generation: string | null = null;

  constructor(domain: Domain, context: GuestContext, xml?: string) {
    this.uuid = domain.uuid;
    this.#domain = domain;
    this.#context = context;
    this.#xml = xml;
  }

  /** Defines a guest, or defines the one that has the uuid anew; a running one goes on and changes at its next start. */
  static async create(xml: string, uuid: string, context: GuestContext): Promise<Guest> {
    const { client, timeouts } = context;
    try {
      const call = { timeoutMs: timeouts.changeMs, domainUuid: uuid };
      return new Guest(await client.defineXMLFlags(xml, 0, call), context, xml);
    } catch (failure) {
      context.log.error({ instanceUuid: uuid, domainXml: xml, err: failure }, 'libvirt refuses a guest definition');
      addOperatorFacts(failure, { domainXml: xml });
      throw failure;
    }
  }

  /** Whether this driver has made it. A domain that is gone is nobody's. */
  async isManaged(options: CallOptions): Promise<boolean> {
    try {
      const type = DomainMetadataType.VIR_DOMAIN_METADATA_ELEMENT;
      const metadata = await this.#domain.getMetadata(type, metadataNamespace, 0, this.#read(options));
      this.#generation = generationInMetadata(metadata);
      return true;
    } catch (failure) {
      if (LibvirtError.is(failure, VIR_ERR_NO_DOMAIN_METADATA, VIR_ERR_NO_DOMAIN)) return false;
      throw failure;
    }
  }

  /** Which guest of its instance it is, as {@link isManaged} has read it. `null`: it was made before there were generations. */
  get generation(): string | null {
    return this.#generation;
  }

  look(options: CallOptions): Promise<GuestLook> {
    return lookAt(this.uuid, this.#context.client, this.#read(options));
  }

  /** The definition of the running guest, or of the one that would be started. Without secrets. */
  async readXml(options: CallOptions): Promise<string> {
    return this.#domain.getXMLDesc(0, this.#read(options));
  }

  /** The definition of the guest's next start. Without secrets. */
  async readNextXml(options: CallOptions): Promise<string> {
    return this.#domain.getXMLDesc(DomainXMLFlags.VIR_DOMAIN_XML_INACTIVE, this.#read(options));
  }

  /**
   * Requires saved memory that libvirt can read. libvirt remembers that it has saved a guest and does not notice when the
   * file is gone, empty or marked incomplete: its start then boots the guest, without an error.
   * @throws ComputeError `GUEST_START_FAILED` with the reason `saved memory`, effect `none`
   */
  async requireSavedMemory(options: CallOptions): Promise<void> {
    try {
      await this.#domain.managedSaveGetXMLDesc(0, this.#read(options));
    } catch (cause) {
      if (!LibvirtError.is(cause, ...savedMemoryCodes)) throw cause;
      const operator = { message: cause.rawMessage, libvirtCode: cause.codeName };
      throw this.#savedMemoryLost({ cause, operator, effect: 'none' });
    }
  }

  async isPersistent(options: CallOptions): Promise<boolean> {
    return this.#domain.isPersistent(this.#read(options));
  }

  /**
   * Boots the guest; saved memory is discarded. When libvirt refuses, the definition that is held goes to the operator, and
   * the failure goes on: to ask libvirt for it now could fail as well, and a second failure must not take the place of the
   * first. An aborted launch is stopped.
   */
  async launch({ pause = 'no', signal }: LaunchOptions): Promise<void> {
    const { VIR_DOMAIN_START_FORCE_BOOT, VIR_DOMAIN_START_PAUSED } = DomainCreateFlags;
    const flags = VIR_DOMAIN_START_FORCE_BOOT | (pause === 'yes' ? VIR_DOMAIN_START_PAUSED : 0);
    const hasStarted = ({ powerState, reason }: GuestLook) =>
      powerState === 'RUNNING' ||
      (pause === 'yes' && powerState === 'PAUSED' && reason !== DomainPausedReason.VIR_DOMAIN_PAUSED_STARTING_UP);
    try {
      await this.#start(flags, hasStarted, signal);
    } catch (failure) {
      if (failure instanceof LibvirtAbortError && failure.sent) await this.#stopWhenAlive(failure);
      throw failure;
    }
  }

  /**
   * Brings saved memory back; the guest's CPUs wait for {@link Guest.resume}. When that fails libvirt keeps the memory. An
   * aborted restore is not stopped: once it is done, the memory is in the guest and nowhere else.
   *
   * libvirt boots a guest whose memory it cannot find. Only the reason of the guest's state tells the two apart. A guest that
   * was booted has not run an instruction yet and is stopped.
   * @throws ComputeError `GUEST_START_FAILED` with the reason `saved memory`
   */
  async restore({ signal }: CallOptions): Promise<void> {
    const hasStarted = ({ powerState, reason }: GuestLook) =>
      powerState === 'RUNNING' ||
      (powerState === 'PAUSED' && reason !== DomainPausedReason.VIR_DOMAIN_PAUSED_STARTING_UP);
    await this.#start(DomainCreateFlags.VIR_DOMAIN_START_PAUSED, hasStarted, signal);
    // Not given the signal: between the start and this look nothing is known of the guest.
    if (!wasBooted(await this.look({}))) return;
    const operator = { message: 'libvirt has found no saved memory and has booted the guest; it was stopped' };
    const failure = this.#savedMemoryLost({ operator });
    await this.poweroff({}).catch((secondary: unknown) => {
      suppress(failure, secondary, 'stop the guest that was booted');
    });
    throw failure;
  }

  /** Stops the guest without asking it. Afterwards it does not run. Idempotent. */
  async poweroff(options: CallOptions): Promise<void> {
    for (let attempt = 0; attempt < STOP_ATTEMPTS_MAX; attempt += 1) {
      const { life } = await this.look(options);
      if (life === undefined) return;
      await this.#change(
        () => this.#domain.destroyFlags(0, this.#changing(options)),
        (look) => look.life !== life,
        [VIR_ERR_OPERATION_INVALID, VIR_ERR_NO_DOMAIN],
      );
    }
    const { life } = await this.look(options);
    if (life === undefined) return;
    const operator = { message: `the domain was started again after each of ${STOP_ATTEMPTS_MAX} stops` };
    throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: this.uuid, operation: 'stop' }, { operator });
  }

  /**
   * Asks the guest to stop: through its agent if that is connected and takes it up, else by ACPI. Does not wait until it has
   * stopped, and takes no longer than `limitMs`. libvirt's own way of trying one after the other gives an agent that has
   * answered before a minute, whatever response timeout it was told. So both are asked here, and an agent that is silent once
   * is not asked again.
   */
  async shutdown({ limitMs, ...options }: CallOptions & { readonly limitMs: number }): Promise<void> {
    const { clock, timeouts } = this.#context;
    const deadlineMs = clock.monotonicMs() + Math.min(limitMs, timeouts.changeMs);
    const { VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN } = DomainShutdownFlagValues;
    const agentMs = Math.min(limitMs / 2, AGENT_MS_MAX);
    if (agentMs >= AGENT_MS_MIN && !this.#isAgentSilent && (await this.#askAgent({ ...options, agentMs })) === 'asked')
      return;
    const leftMs = Math.max(Math.ceil(deadlineMs - clock.monotonicMs()), 1);
    await this.#domain.shutdownFlags(VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, { ...options, timeoutMs: leftMs });
  }

  async #askAgent({ agentMs, ...options }: CallOptions & { readonly agentMs: number }): Promise<'asked' | 'silent'> {
    const call = { ...options, timeoutMs: Math.floor(agentMs) };
    try {
      // For what libvirt says to the agent first; it keeps the limit for every later command of this life.
      await this.#domain.agentSetResponseTimeout(Math.floor(agentMs / 1_000), 0, call);
      await this.#domain.shutdownFlags(DomainShutdownFlagValues.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, call);
      return 'asked';
    } catch (failure) {
      if (!LibvirtError.is(failure) && !(failure instanceof LibvirtTimeoutError)) throw failure;
      this.#isAgentSilent = true;
      this.#context.log.debug({ instanceUuid: this.uuid, err: failure }, 'guest agent not answering, ACPI instead');
      return 'silent';
    }
  }

  /** Stops the CPUs of a running guest. */
  async suspend(options: CallOptions): Promise<void> {
    const isPaused = ({ powerState }: GuestLook) => powerState === 'PAUSED';
    await this.#change(() => this.#domain.suspend(this.#changing(options)), isPaused);
  }

  /** Lets the CPUs of a paused guest run. */
  async resume(options: CallOptions): Promise<void> {
    const isRunning = ({ powerState }: GuestLook) => powerState === 'RUNNING';
    await this.#change(() => this.#domain.resume(this.#changing(options)), isRunning);
  }

  /**
   * Saves the memory of a running or paused guest and stops it; its next start goes on from there, with its CPUs running.
   * When it fails or is aborted the guest goes on.
   */
  async save(options: CallOptions): Promise<void> {
    const call = { ...options, timeoutMs: this.#context.timeouts.saveMs };
    const isSaved = ({ powerState }: GuestLook) => powerState === 'SUSPENDED';
    try {
      await this.#change(() => this.#domain.managedSave(DomainSaveRestoreFlags.VIR_DOMAIN_SAVE_RUNNING, call), isSaved);
    } catch (failure) {
      if (failure instanceof LibvirtAbortError && failure.sent) await this.#abortJob(failure);
      throw failure;
    }
  }

  /** Stops the guest and removes it from libvirt, saved memory too. Afterwards libvirt does not know it. Idempotent. */
  async remove(options: CallOptions): Promise<void> {
    await this.poweroff(options);
    await this.#undefine(options);
    // A start that was under way has ended now, because libvirt's client makes the changes of one domain one after
    // another; if it has come to life in between, it is gone with its process.
    await this.poweroff(options);
  }

  async #undefine(options: CallOptions): Promise<void> {
    await this.#change(
      () => this.#domain.undefineFlags(removesEverything, this.#changing(options)),
      ({ presence }) => presence === 'absent',
      [VIR_ERR_NO_DOMAIN],
    );
  }

  /**
   * Makes a change. libvirt errors with one of the `fine` codes mean that there was nothing to change. A lost answer is
   * success if what the change was to reach is true now.
   */
  async #change(
    change: () => Promise<unknown>,
    isReached: (look: GuestLook) => boolean,
    fine: readonly number[] = [],
  ): Promise<void> {
    try {
      await change();
    } catch (failure) {
      if (fine.length > 0 && LibvirtError.is(failure, ...fine)) return;
      const look = isAnswerLost(failure) ? await this.#lookAgain(failure) : undefined;
      if (look === undefined || !isReached(look)) throw failure;
    }
  }

  async #start(
    flags: number,
    hasStarted: (look: GuestLook) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const options = signal === undefined ? {} : { signal };
    this.#xml ??= await this.#domain.getXMLDesc(DomainXMLFlags.VIR_DOMAIN_XML_INACTIVE, this.#read(options));
    try {
      await this.#domain.createWithFlags(flags, { ...options, timeoutMs: this.#context.timeouts.startMs });
    } catch (failure) {
      const look = isAnswerLost(failure) ? await this.#lookAgain(failure) : undefined;
      // Nobody else starts this guest meanwhile: if it lives, this start has done it.
      if (look !== undefined && hasStarted(look)) return;
      const facts = { domainXml: this.#xml };
      this.#context.log.error({ instanceUuid: this.uuid, ...facts, err: failure }, 'libvirt could not start a guest');
      addOperatorFacts(failure, facts);
      throw look === undefined ? failure : this.#startFailed(failure);
    }
  }

  #savedMemoryLost(options: ComputeErrorOptions): ComputeError {
    return new ComputeError('GUEST_START_FAILED', { instanceUuid: this.uuid, reason: 'saved memory' }, options);
  }

  /** The answer was lost, but that the guest does not run, or only half, is known. */
  #startFailed(cause: unknown): ComputeError {
    const message = 'the answer to the start was lost; afterwards the guest did not run';
    const operator = { message, domainXml: this.#xml };
    return new ComputeError(
      'GUEST_START_FAILED',
      { instanceUuid: this.uuid, reason: 'unspecified' },
      { cause, operator },
    );
  }

  /**
   * Looks after an answer was lost. `undefined` when libvirt cannot be asked in time; why, joins the failure. It is not given
   * the caller's signal: it is short. It looks again when the connection is lost once more, because the pool's connections
   * do not all notice at the same moment that a daemon has died.
   */
  async #lookAgain(failure: unknown): Promise<GuestLook | undefined> {
    const { client, clock, timeouts } = this.#context;
    const deadlineMs = clock.monotonicMs() + timeouts.reconnectMs;
    for (;;) {
      const leftMs = Math.max(Math.ceil(deadlineMs - clock.monotonicMs()), 1);
      try {
        await client.whenConnected({ timeoutMs: leftMs });
        return await this.look({});
      } catch (secondary) {
        const isAbsent = secondary instanceof LibvirtConnectionError && secondary.reason !== 'closed';
        if (!isAbsent || clock.monotonicMs() >= deadlineMs) {
          suppress(failure, secondary, 'look what has become of it');
          return undefined;
        }
      }
      await clock.sleep(Math.min(LOOK_INTERVAL_MS, leftMs));
    }
  }

  /**
   * libvirt takes no call back: an aborted start goes on, and a stop that comes before it has begun would change nothing.
   */
  async #stopWhenAlive(failure: unknown): Promise<void> {
    try {
      const { clock } = this.#context;
      const wait = { clock, timeoutMs: START_BEGUN_MS, signal: new AbortController().signal };
      await waitForGuest(this, ({ life }) => life !== undefined, wait);
      await this.poweroff({});
    } catch (secondary) {
      suppress(failure, secondary, 'stop the aborted start');
    }
  }

  async #abortJob(failure: unknown): Promise<void> {
    try {
      await this.#domain.abortJob({ timeoutMs: this.#context.timeouts.changeMs });
    } catch (secondary) {
      if (!LibvirtError.is(secondary, VIR_ERR_OPERATION_INVALID)) suppress(failure, secondary, 'abort the job');
    }
  }

  #read(options: CallOptions): CallOptions & { readonly timeoutMs: number } {
    return { ...options, timeoutMs: this.#context.timeouts.readMs };
  }

  #changing(options: CallOptions): CallOptions & { readonly timeoutMs: number } {
    return { ...options, timeoutMs: this.#context.timeouts.changeMs };
  }
}
