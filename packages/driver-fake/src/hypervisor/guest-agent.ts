import { FakeHypervisorError } from './fake-hypervisor-error.js';

/** What a guest agent has done inside its guest. */
export interface GuestInterior {
  readonly fileSystems: 'frozen' | 'writable';
  readonly adminPassword: string | undefined;
  readonly crashDumpCount: number;
}

/** The inside of a guest, as far as its agent and its kernel do what the host asks. */
export class GuestAgent {
  /** Whether an agent answers. */
  answers: 'yes' | 'no' = 'yes';
  crashDumpCount = 0;
  #adminPassword: string | undefined;
  /** On the monotonic clock. The agent thaws by itself, so that a driver which dies leaves no guest frozen for ever. */
  #frozenUntilMs = -Infinity;

  setAdminPassword(password: string): void {
    this.#mustAnswer();
    this.#adminPassword = password;
  }

  freezeUntil(monotonicMs: number): void {
    this.#mustAnswer();
    this.#frozenUntilMs = monotonicMs;
  }

  thaw(): void {
    this.#mustAnswer();
    this.#frozenUntilMs = -Infinity;
  }

  /** A boot forgets what was frozen; a password is on the disk. */
  boot(): void {
    this.#frozenUntilMs = -Infinity;
  }

  look(monotonicMs: number): GuestInterior {
    return {
      fileSystems: monotonicMs < this.#frozenUntilMs ? 'frozen' : 'writable',
      adminPassword: this.#adminPassword,
      crashDumpCount: this.crashDumpCount,
    };
  }

  #mustAnswer(): void {
    if (this.answers === 'yes') return;
    throw new FakeHypervisorError('no-agent', 'Guest agent is not responding: QEMU guest agent is not connected');
  }
}
