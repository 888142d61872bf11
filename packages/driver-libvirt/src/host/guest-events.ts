import type { DriverEnvironment } from '@virtkit/core/driver';
import type { DomainEvent, EventSubscription, LibvirtClient } from '@virtkit/libvirt-client';
import { lifecycleTransition } from './lifecycle-transition.js';

type LifecycleDelivery = DomainEvent<'lifecycle'>;

/** Tells the manager what happens to managed guests, until it is closed. */
export class GuestEvents implements AsyncDisposable {
  readonly #subscription: EventSubscription<LifecycleDelivery>;
  readonly #environment: DriverEnvironment;
  readonly #isManaged: (instanceUuid: string) => Promise<boolean>;
  readonly #pumping: Promise<void>;

  private constructor(
    subscription: EventSubscription<LifecycleDelivery>,
    environment: DriverEnvironment,
    isManaged: (instanceUuid: string) => Promise<boolean>,
  ) {
    this.#subscription = subscription;
    this.#environment = environment;
    this.#isManaged = isManaged;
    this.#pumping = this.#pump();
  }

  static async open(
    client: LibvirtClient,
    environment: DriverEnvironment,
    isManaged: (instanceUuid: string) => Promise<boolean>,
  ): Promise<GuestEvents> {
    return new GuestEvents(await client.domainEventRegisterAny('lifecycle'), environment, isManaged);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subscription.close();
    await this.#pumping;
  }

  /** One after another, so that a guest's events keep their order. */
  async #pump(): Promise<void> {
    try {
      for await (const delivery of this.#subscription) {
        // That the daemon is back is told by HostContact.
        if (delivery.kind === 'event') await this.#tell(delivery.event);
        else if (delivery.reason !== 'reconnected') this.#resync();
      }
    } catch (failure) {
      this.#environment.log.error({ err: failure }, 'guest events have ended');
    }
  }

  async #tell({ dom, event, detail }: LifecycleDelivery): Promise<void> {
    const transition = lifecycleTransition(event, detail);
    if (transition === undefined) return;
    const occurredAtMs = this.#environment.clock.now();
    try {
      if (!(await this.#isManaged(dom.uuid))) return;
    } catch (failure) {
      // Whose guest it is cannot be asked now. Nothing is lost: the manager looks at all of them.
      this.#environment.log.warn({ instanceUuid: dom.uuid, err: failure }, 'a guest event could not be told');
      this.#resync();
      return;
    }
    this.#environment.emit({ type: 'lifecycle', instanceUuid: dom.uuid, transition, occurredAtMs });
  }

  #resync(): void {
    this.#environment.emit({ type: 'resync', occurredAtMs: this.#environment.clock.now() });
  }
}
