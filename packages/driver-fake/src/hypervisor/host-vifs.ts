import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { Holdings } from './holding.js';

/** The host's ends of its guests' network interfaces. */
export class HostVifs {
  readonly #holdings: Holdings;

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  /** Plugged already: nothing to do. */
  plug(uuid: string, interfaceId: string): void {
    const holding = this.#holdings.of(uuid);
    if (!holding.vifs.includes(interfaceId)) holding.vifs = [...holding.vifs, interfaceId];
  }

  /** Not plugged: nothing to do. */
  unplug(uuid: string, interfaceId: string): void {
    const holding = this.#holdings.find(uuid);
    if (holding === undefined || !holding.vifs.includes(interfaceId)) return;
    const { guest } = holding;
    if (guest?.running?.networkInterfaces.some(({ id }) => id === interfaceId)) {
      const message = `tap device of ${interfaceId} is in use by domain '${guest.definition.name}'`;
      throw new FakeHypervisorError('busy', message);
    }
    holding.vifs = holding.vifs.filter((id) => id !== interfaceId);
    this.#holdings.forgetIfEmpty(uuid);
  }
}
