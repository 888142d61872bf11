import type { CallOptions, DriverEnvironment, DriverWith, HonouredProperties, HostRequest } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { FakeHypervisor } from '../hypervisor/fake-hypervisor.js';
import { allAbilities } from './all-abilities.js';
import { CallFence } from './call-fence.js';
import { CallRunner } from './call-runner.js';
import { classOf } from './class-of.js';
import { dropBegun } from './drop-begun.js';
import { fakeCapabilities, type FakeCapability } from './fake-capabilities.js';
import type { FakeConfiguration } from './fake-configuration.js';
import { fakeSettings } from './fake-settings.js';
import { fencedConnection } from './fenced-connection.js';
import { Reconnecting } from './reconnecting.js';

/** The configuration of a driver that is made by hand: the hypervisor must be named. */
export interface FakeDriverConfiguration extends FakeConfiguration {
  readonly hypervisor: FakeHypervisor;
}

/**
 * Drives a {@link FakeHypervisor} as a real driver drives a real one: in small steps that can each fail, with an undo for
 * each, one translation of foreign errors, and no state of its own. What it does is what the contract says of real
 * hypervisors:
 *
 * - **spawn** makes the disk, plugs the vifs, defines the guest, starts it paused, waits for the network, lets it run.
 * - **destroy** stops, unplugs, undefines and removes the disks. It does not wait for a call it overtakes.
 * - **hard reboot** stops whatever is there, drops saved memory, and starts again from the spec; the disks must be there.
 * - **soft reboot** asks the guest, looks until it is off, and starts it. A guest that does not listen is rebooted hard.
 * - **suspend** frees the memory and the vifs. Saved memory outlives a failed resume, a lost answer and the driver.
 * - **power on** of a suspended guest resumes it; **power off** of one leaves it suspended, and removes vifs in any case.
 * - **pause** keeps memory and vifs. A guest that is off can be neither paused nor suspended.
 * - A connection that the hypervisor **drops** is made anew after 100 ms, then with pauses that double up to 5 s.
 * - A guest that **crashed** still holds its memory until it is stopped.
 *
 * Its methods are in `abilities/`, a file for each family.
 */
export class FakeDriver extends classOf(allAbilities) implements DriverWith<FakeCapability> {
  readonly capabilities = fakeCapabilities;
  readonly honoured: HonouredProperties | undefined;
  readonly #connection: FakeConnection;
  readonly #environment: DriverEnvironment;
  readonly #calls: CallRunner;
  readonly #reconnecting: Reconnecting;

  constructor(configuration: FakeDriverConfiguration, environment: DriverEnvironment) {
    const { hypervisor } = configuration;
    const settings = fakeSettings(configuration);
    const reconnecting = new Reconnecting(environment);
    const connection: FakeConnection = hypervisor.connect({
      latencyMs: settings.latencyMs,
      onDropped: () => reconnecting.dropped(connection),
      onGuestEvent: ({ uuid, maker, transition, occurredAtMs }) => {
        if (maker !== 'virtkit') return;
        environment.emit({ type: 'lifecycle', instanceUuid: uuid, transition, occurredAtMs });
      },
    });
    const { faults, journal } = hypervisor;
    const calls = new CallRunner({ connection, environment, settings, faults, journal });
    const fenced = fencedConnection(connection, new CallFence(environment.fence));
    super({ calls, connection: fenced, settings });
    this.honoured = configuration.honoured;
    this.#connection = fenced;
    this.#environment = environment;
    this.#calls = calls;
    this.#reconnecting = reconnecting;
  }

  async initHost(_request: HostRequest, options: CallOptions = {}): Promise<void> {
    await this.#calls.initHost(options, async (openOptions) => {
      const { host, fence } = this.#environment;
      await this.#connection.open({ ...openOptions, leader: { host, epoch: fence.epoch } });
      await dropBegun(this.#connection, openOptions);
    });
  }

  async cleanupHost(_request: HostRequest): Promise<void> {
    this.#reconnecting.close();
    await this.#calls.cleanupHost(() => this.#connection.close());
  }
}
