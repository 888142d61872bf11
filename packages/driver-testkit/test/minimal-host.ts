import type { LifecycleTransition, PowerState } from '@virtkit/core/driver';

export interface MinimalGuest {
  readonly maker: 'virtkit' | 'stranger';
  state: PowerState;
  life: number;
}

type Listener = (uuid: string, transition: LifecycleTransition) => void;

/** A host of maps and sets: the least that a driver can drive. */
export class MinimalHost {
  readonly guests = new Map<string, MinimalGuest>();
  readonly disks = new Set<string>();
  readonly vifs = new Set<string>();
  readonly savedMemory = new Set<string>();
  readonly broken = new Set<string>();
  readonly deaf = new Set<string>();
  readonly listeners = new Set<Listener>();
  #bootCount = 0;

  own(uuid: string): MinimalGuest | undefined {
    const guest = this.guests.get(uuid);
    return guest?.maker === 'virtkit' ? guest : undefined;
  }

  tell(uuid: string, transition: LifecycleTransition): void {
    for (const listener of this.listeners) listener(uuid, transition);
  }

  addGuest(uuid: string, maker: MinimalGuest['maker'], state: PowerState): void {
    this.guests.set(uuid, { maker, state, life: (this.#bootCount += 1) });
  }

  /** Starts from reset. @throws Error in the host's own words */
  boot(uuid: string, state: 'RUNNING' | 'PAUSED'): void {
    this.refuseBroken(uuid);
    const guest = this.own(uuid);
    if (guest === undefined || !this.disks.has(uuid)) throw new Error(`no such file: /var/minimal/${uuid}`);
    guest.state = state;
    guest.life = this.#bootCount += 1;
    this.tell(uuid, 'started');
  }

  refuseBroken(uuid: string): void {
    if (this.broken.has(uuid)) throw new Error(`cannot open /var/minimal/${uuid} on minimal-host-9`);
  }
}
