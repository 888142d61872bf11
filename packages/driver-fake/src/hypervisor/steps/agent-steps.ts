import type { CallOptions, Clock, Secret } from '@virtkit/core/driver';
import type { FakeHost } from '../fake-host.js';
import { FakeHypervisorError } from '../fake-hypervisor-error.js';
import type { GuestAgent } from '../guest-agent.js';
import type { StepRunner } from '../step-runner.js';

/** Steps that reach into a running guest, through its agent or by an interrupt. */
export class AgentSteps {
  readonly #steps: StepRunner;
  readonly #host: FakeHost;
  readonly #clock: Clock;

  constructor(steps: StepRunner, host: FakeHost, clock: Clock) {
    this.#steps = steps;
    this.#host = host;
    this.#clock = clock;
  }

  setPassword(uuid: string, password: Secret, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('setPassword', uuid, options, () => this.#agent(uuid).setAdminPassword(password.reveal()));
  }

  freeze(uuid: string, freezeMsMax: number, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('freezeGuest', uuid, options, () =>
      this.#agent(uuid).freezeUntil(this.#clock.monotonicMs() + freezeMsMax),
    );
  }

  thaw(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('thawGuest', uuid, options, () => this.#agent(uuid).thaw());
  }

  /** An interrupt that the guest's kernel takes for the order to write its crash dump. */
  injectCrash(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('injectCrash', uuid, options, () => {
      this.#running(uuid).agent.crashDumpCount += 1;
    });
  }

  #agent(uuid: string): GuestAgent {
    if (this.#host.guest(uuid).state === 'running') return this.#host.guest(uuid).agent;
    throw new FakeHypervisorError('no-agent', 'Guest agent is not responding: the domain is not running');
  }

  #running(uuid: string) {
    const guest = this.#host.guest(uuid);
    if (guest.state === 'running') return guest;
    throw new FakeHypervisorError('invalid-state', `domain '${guest.definition.name}' is ${guest.state}`);
  }
}
