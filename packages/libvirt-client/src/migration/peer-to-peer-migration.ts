import { DomainMigrateFlags } from '../constants/enumerations.gen.js';
import type { GuestPlace, ToldToRun } from './guest-place.js';
import { isJobUnderWay } from './job-stats.js';
import { MigrationError, type MigrationFailure, type MigrationUndoing } from './migration-error.js';
import type { MigrationEnd, MigrationSource } from './migration-ends.js';
import type { MigrationPlan } from './migration-plan.js';
import { performUnlessGivenUp } from './perform.js';
import { locateGuest, poll } from './settle.js';
import { attempt } from './step-outcome.js';

type Reason = Pick<MigrationFailure, 'how' | 'cause'>;

/**
 * A migration that the source's daemon leads: it connects to the destination's, takes all steps and undoes them. The
 * client asks for it in one call, and looks at both ends when that fails.
 */
export class PeerToPeerMigration {
  readonly #source: MigrationSource;
  readonly #destination: Pick<MigrationEnd, 'look'>;
  readonly #plan: MigrationPlan;
  readonly #undone: MigrationUndoing[] = [];
  #told: ToldToRun = 'never';

  constructor(source: MigrationSource, destination: Pick<MigrationEnd, 'look'>, plan: MigrationPlan) {
    this.#source = source;
    this.#destination = destination;
    this.#plan = plan;
  }

  /** Resolves when the guest is at the destination. Rejects with a `MigrationError`. */
  async run(destinationUri: string): Promise<void> {
    const { params, flags, signal } = this.#plan;
    if (signal.aborted) throw await this.#failure({ how: 'aborted', cause: signal.reason });
    const { outcome, abort } = await performUnlessGivenUp(
      this.#source,
      () =>
        this.#source.perform(
          destinationUri,
          params,
          new Uint8Array(),
          flags | DomainMigrateFlags.VIR_MIGRATE_PEER2PEER,
        ),
      this.#plan,
      signal,
    );
    if (abort !== undefined) this.#undone.push(abort);
    if (outcome.how === 'done') return;
    // From here on the daemons may have told each other anything.
    if (outcome.how !== 'not sent') this.#told = 'perhaps';
    if (outcome.how === 'lost') return await this.#followLost(outcome.error);
    const isAborted = signal.aborted && outcome.how === 'refused';
    throw await this.#failure(
      isAborted ? { how: 'aborted', cause: signal.reason } : { how: outcome.how, cause: outcome.error },
    );
  }

  /** The source goes on without us. When it comes to its end while we look, that end counts. */
  async #followLost(cause: unknown): Promise<void> {
    const isUnderWay = await poll(
      () => this.#isUnderWay(),
      (goesOn) => !goesOn,
      this.#plan,
    );
    const error = await this.#failure({ how: 'lost', cause }, isUnderWay ? 'unknown' : undefined);
    if (error.guest !== 'destination') throw error;
  }

  /** A source that cannot be asked may well be at it. */
  async #isUnderWay(): Promise<boolean> {
    const stats = await attempt(() => this.#source.getJobStats());
    return stats.how === 'done' ? isJobUnderWay(stats.value) : stats.how !== 'refused';
  }

  /** `guest` where it is known better than by looking. */
  async #failure(reason: Reason, guest?: GuestPlace): Promise<MigrationError> {
    const seen = await locateGuest(this.#source, this.#destination, this.#told, this.#plan);
    const step = { phase: 'perform', side: 'source', domainName: this.#plan.domain.name } as const;
    return new MigrationError({ ...step, ...reason, ...seen, ...(guest && { guest }), undone: this.#undone });
  }
}
