import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { SimulatedGuest } from './simulated-guest.js';

/** What a host holds under one uuid beside its disks. A vif can be there without a guest, as on a real host. */
export interface Holding {
  guest: SimulatedGuest | undefined;
  vifs: readonly string[];
  savedMemory: 'present' | 'absent';
}

/** Everything a host holds, by uuid. What has become empty is forgotten, so that a host without guests is as new. */
export class Holdings {
  readonly #byUuid = new Map<string, Holding>();

  *guests(): Generator<readonly [string, SimulatedGuest]> {
    for (const [uuid, { guest }] of this.#byUuid) if (guest !== undefined) yield [uuid, guest];
  }

  find(uuid: string): Holding | undefined {
    return this.#byUuid.get(uuid);
  }

  /** The holding of the uuid; a new one, should there be none. */
  of(uuid: string): Holding {
    let holding = this.#byUuid.get(uuid);
    if (holding === undefined) {
      holding = { guest: undefined, vifs: [], savedMemory: 'absent' };
      this.#byUuid.set(uuid, holding);
    }
    return holding;
  }

  /** @throws FakeHypervisorError `no-guest` */
  guest(uuid: string): SimulatedGuest {
    const guest = this.#byUuid.get(uuid)?.guest;
    if (guest === undefined) throw new FakeHypervisorError('no-guest', `Domain not found: no domain with uuid ${uuid}`);
    return guest;
  }

  forgetIfEmpty(uuid: string): void {
    const holding = this.#byUuid.get(uuid);
    if (holding === undefined) return;
    const { guest, vifs, savedMemory } = holding;
    if (guest === undefined && vifs.length === 0 && savedMemory === 'absent') this.#byUuid.delete(uuid);
  }
}
