import type { CallOptions, Diagnostics } from '@virtkit/core/driver';
import type { BegunWork } from '../begun-work.js';
import type { FakeHost, HostMode } from '../fake-host.js';
import type { ConsoleKind, FakeConsoleEndpoint } from '../host-consoles.js';
import type { HostClock, HostPower } from '../host-power.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about the host itself, and where on it the consoles of its guests are. */
export class HostSteps {
  readonly #steps: StepRunner;
  readonly #host: FakeHost;
  readonly #power: HostPower;

  constructor(steps: StepRunner, host: FakeHost, power: HostPower) {
    this.#steps = steps;
    this.#host = host;
    this.#power = power;
  }

  listBegun(options: CallOptions = {}): Promise<BegunWork> {
    return this.#steps.run('listBegun', undefined, options, () => this.#host.begun());
  }

  readClock(options: CallOptions = {}): Promise<HostClock> {
    return this.#steps.run('readHostClock', undefined, options, () => this.#power.read());
  }

  mark(mode: HostMode, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('markHost', undefined, options, () => {
      this.#host.mode = mode;
    });
  }

  /** Whoever asks for it loses the connection, unless the host is on already and stays so. */
  switch(action: 'reboot' | 'shutdown' | 'startup', options: CallOptions = {}): Promise<void> {
    return this.#steps.run('switchHost', undefined, options, () => {
      if (action !== 'startup') this.#power.switchOff();
      if (action !== 'shutdown') this.#power.switchOn();
    });
  }

  /** Whether others may use what lies on the host's storage. */
  readStorageKind(options: CallOptions = {}): Promise<'shared' | 'own'> {
    return this.#steps.run('readStorageKind', undefined, options, () => this.#host.fabric.storage);
  }

  readDiagnostics(uuid: string, options: CallOptions = {}): Promise<Omit<Diagnostics, 'powerState'>> {
    return this.#steps.run('readDiagnostics', uuid, options, () => this.#host.diagnosticsOf(uuid));
  }

  readEndpoint(uuid: string, kind: ConsoleKind, options: CallOptions = {}): Promise<FakeConsoleEndpoint> {
    return this.#steps.run('readEndpoint', uuid, options, () => this.#host.consoles.endpoint(uuid, kind));
  }
}
