import { DomainMigrateFlags, DomainPausedReason, DomainState } from '../constants/enumerations.gen.js';
import { ErrorNumber } from '../constants/error-codes.gen.js';
import { LibvirtError } from '../errors/libvirt-error.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import { isActive, isInPostCopy, isInTransit, type Sighting, type ToldToRun } from './guest-place.js';
import { isJobUnderWay } from './job-stats.js';
import { MigrationError, type MigrationFailure, type MigrationUndoing } from './migration-error.js';
import type { Cancelled, Cookie, MigrationDestination, MigrationSource, Parameters } from './migration-ends.js';
import { withParameter, type MigrationPlan } from './migration-plan.js';
import { performUnlessGivenUp } from './perform.js';
import { locateGuest, lookUntil, poll } from './settle.js';
import { attempt, type Failed, type StepFailure, type StepOutcome } from './step-outcome.js';

const noCookie: Cookie = new Uint8Array();

const {
  VIR_MIGRATE_ABORT_ON_ERROR,
  VIR_MIGRATE_AUTO_CONVERGE,
  VIR_MIGRATE_CHANGE_PROTECTION,
  VIR_MIGRATE_OFFLINE,
  VIR_MIGRATE_PAUSED,
  VIR_MIGRATE_POSTCOPY,
} = DomainMigrateFlags;

type Reason = Pick<MigrationFailure, 'phase' | 'side' | 'how' | 'cause'>;

/**
 * A migration that the client leads: it asks both daemons for one step after the other, and takes what they want to tell
 * each other from the one to the other.
 *
 *     begin     source       makes the XML, and holds the domain for this connection
 *     prepare   destination  starts a QEMU that waits for the memory, for this connection
 *     perform   source       sends the memory; in the end the guest is paused there
 *     finish    destination  runs the guest, or removes it when it is told that all is cancelled
 *     confirm   source       removes the guest, or lets it run on when it is told that all is cancelled
 *
 * A step that was refused is undone as the C library does. Where it would guess, because an answer is missing, this asks:
 * the source lets the guest run on only if the destination certainly does not run it.
 */
export class ManagedMigration {
  readonly #source: MigrationSource;
  readonly #destination: MigrationDestination;
  readonly #plan: MigrationPlan;
  readonly #undone: MigrationUndoing[] = [];
  #params: Parameters;
  #flags: number;
  #cookieForSource = noCookie;
  #cookieForDestination = noCookie;
  #told: ToldToRun = 'never';

  constructor(source: MigrationSource, destination: MigrationDestination, plan: MigrationPlan) {
    this.#source = source;
    this.#destination = destination;
    this.#plan = plan;
    this.#params = plan.params;
    this.#flags = plan.flags;
  }

  /** Resolves to the domain at the destination. Rejects with a `MigrationError` when all that can be undone is. */
  async run(): Promise<RemoteDomain> {
    const xml = await this.#begin();
    await this.#prepare(xml);
    if (!this.#has(VIR_MIGRATE_OFFLINE)) await this.#perform();
    const domain = await this.#finish();
    await this.#confirm();
    return domain;
  }

  async #begin(): Promise<string> {
    const step = { phase: 'begin', side: 'source' } as const;
    if (this.#isAborted) throw await this.#abortedIn(step);
    const begun = await attempt(() => this.#source.begin(this.#params, this.#sourceFlags));
    if (begun.how !== 'done') {
      if (begun.how === 'lost') await this.#hangUp('source');
      throw await this.#failed(step, begun);
    }
    this.#cookieForDestination = begun.value.cookie;
    // A guest that is paused now must not be running at the other end.
    const state = await attempt(() => this.#source.getState());
    if (state.how !== 'done') {
      await this.#cancelAtSource();
      throw await this.#failed(step, state);
    }
    if (state.value.state === DomainState.VIR_DOMAIN_PAUSED) this.#flags |= VIR_MIGRATE_PAUSED;
    if (this.#isAborted) {
      await this.#cancelAtSource();
      throw await this.#abortedIn(step);
    }
    return begun.value.xml;
  }

  async #prepare(xml: string): Promise<void> {
    const step = { phase: 'prepare', side: 'destination' } as const;
    this.#params = withParameter(this.#params, 'destination_xml', xml);
    const cookie = this.#takeCookieForDestination();
    const prepared = await attempt(() => this.#destination.prepare(this.#params, cookie, this.#destinationFlags));
    if (prepared.how !== 'done') {
      // The guest that may be waiting there was started for this connection, and goes with it.
      if (prepared.how === 'lost') await this.#hangUp('destination');
      await this.#cancelAtSource();
      throw await this.#failed(step, prepared);
    }
    this.#cookieForSource = prepared.value.cookie;
    if (prepared.value.uri !== null) this.#params = withParameter(this.#params, 'migrate_uri', prepared.value.uri);
    if (!this.#isAborted) return;
    await this.#cancelAtBothEnds();
    throw await this.#abortedIn(step);
  }

  async #perform(): Promise<void> {
    // In post-copy the destination runs the guest before it is told to.
    if (this.#has(VIR_MIGRATE_POSTCOPY)) this.#told = 'perhaps';
    const cookie = this.#takeCookieForSource();
    const { outcome, abort } = await performUnlessGivenUp(
      this.#source,
      () => this.#source.perform(null, this.#params, cookie, this.#sourceFlags),
      this.#plan,
      AbortSignal.any([this.#plan.signal, this.#destination.lost]),
    );
    if (abort !== undefined) this.#undone.push(abort);
    if (outcome.how !== 'done') {
      await this.#undoPerform(outcome.how);
      throw await this.#failedPerform(outcome);
    }
    this.#cookieForDestination = outcome.value;
    // Too late to stop the source. Yet nothing is lost by going back as long as the guest has not run elsewhere.
    if (!this.#isAborted || this.#told === 'perhaps') return;
    await this.#cancelAtBothEnds();
    throw await this.#abortedIn({ phase: 'perform', side: 'source' });
  }

  async #undoPerform(how: StepFailure): Promise<void> {
    if (how === 'lost') return await this.#undoLostPerform();
    await this.#cancelAtDestination();
    // A source that refuses has undone its own part before it answers.
    if (how === 'not sent') await this.#cancelAtSource();
  }

  /** The memory may be at the source, on its way, or complete at the destination, which then waits to be told. */
  async #undoLostPerform(): Promise<void> {
    if (this.#has(VIR_MIGRATE_POSTCOPY)) {
      const source = await this.#source.look();
      if (source.kind === 'unseen' || isInPostCopy(source)) return;
    }
    // At this a source that still sends stops, and one that has sent everything keeps the guest, paused.
    await this.#hangUp('source');
    await this.#cancelAtDestination();
    const destination = await lookUntil(this.#destination, isGone, this.#plan);
    if (isGone(destination) && !this.#has(VIR_MIGRATE_PAUSED)) await this.#resumeIfLeftPaused();
  }

  /** Only for a guest that no other host has, nor can get. */
  async #resumeIfLeftPaused(): Promise<void> {
    const stats = await poll(
      () => attempt(() => this.#source.getJobStats()),
      (answer) => answer.how === 'refused' || (answer.how === 'done' && !isJobUnderWay(answer.value)),
      this.#plan,
    );
    if (stats.how !== 'refused' && (stats.how !== 'done' || isJobUnderWay(stats.value))) return;
    if (isLeftPaused(await this.#source.look())) await this.#undo('resume', 'source', () => this.#source.resume());
  }

  async #finish(): Promise<RemoteDomain> {
    const step = { phase: 'finish', side: 'destination' } as const;
    const finished = await this.#tellDestination(0);
    if (finished.how === 'done') {
      this.#cookieForSource = finished.value.cookie;
      this.#told = 'perhaps';
      return finished.value.domain;
    }
    if (finished.how === 'lost' && !this.#has(VIR_MIGRATE_OFFLINE)) this.#told = 'perhaps';
    if (this.#told === 'perhaps') return await this.#learnWhetherItRuns(step, finished);
    // Whatever the destination has not removed goes with the connection.
    await this.#hangUp('destination');
    // Lost, offline: a definition that may be at both ends harms nobody; one that is at neither does.
    if (finished.how === 'lost') await this.#hangUp('source');
    else await this.#cancelAtSource();
    throw await this.#failed(step, finished);
  }

  /** The destination may run the guest. Only it can say. */
  async #learnWhetherItRuns(step: Pick<Reason, 'phase' | 'side'>, finished: Failed): Promise<RemoteDomain> {
    const isFinal = (sighting: Sighting): boolean => sighting.kind !== 'unseen' && !isInTransit(sighting);
    let seen = await lookUntil(this.#destination, isFinal, this.#plan);
    if (isInTransit(seen) && !this.#has(VIR_MIGRATE_POSTCOPY)) {
      // It still waits. Without this connection it will not wait any longer, whether or not it was told to run.
      await this.#hangUp('destination');
      seen = await lookUntil(this.#destination, isFinal, this.#plan);
    }
    if (isFinal(seen) && isActive(seen)) {
      const alive = await attempt(() => this.#destination.outlastJobs());
      if (alive.how === 'done') return { name: this.#plan.destinationName, uuid: this.#plan.domain.uuid, id: -1 };
      seen = alive.how === 'refused' ? await this.#destination.look() : { kind: 'unseen', error: alive.error };
    }
    if (isGone(seen)) {
      this.#told = 'never';
      await this.#cancelAtSource();
    } else {
      // Nobody knows. The source forgets the migration and keeps the guest paused, so that it cannot run twice.
      await this.#hangUp('source');
    }
    throw await this.#failed(step, finished);
  }

  async #confirm(): Promise<void> {
    const confirmed = await this.#tellSource(0);
    if (confirmed.how === 'done') return;
    if (!this.#has(VIR_MIGRATE_OFFLINE) && isGone(await lookUntil(this.#source, isGone, this.#plan))) return;
    throw await this.#failed({ phase: 'confirm', side: 'source' }, confirmed);
  }

  async #cancelAtBothEnds(): Promise<void> {
    await this.#cancelAtDestination();
    await this.#cancelAtSource();
  }

  async #cancelAtDestination(): Promise<void> {
    const outcome = await this.#tellDestination(1);
    if (outcome.how === 'done') {
      // It was told to cancel and answers with a running domain.
      this.#told = 'perhaps';
      const error = new Error('the destination has taken no notice that the migration was cancelled');
      this.#undone.push({ step: 'finish', side: 'destination', how: 'refused', error });
      return;
    }
    // An error is the only answer there is to this. These say that it went well: it is cancelled, or was gone already.
    // Others tell what QEMU died of there, which the source cannot know.
    if (LibvirtError.is(outcome.error, ErrorNumber.VIR_ERR_MIGRATE_FINISH_OK, ErrorNumber.VIR_ERR_NO_DOMAIN)) {
      this.#undone.push({ step: 'finish', side: 'destination', how: 'done' });
      return;
    }
    this.#undone.push({ step: 'finish', side: 'destination', how: outcome.how, error: outcome.error });
    await this.#hangUp('destination');
  }

  async #cancelAtSource(): Promise<void> {
    const outcome = await this.#tellSource(1);
    this.#undone.push({ step: 'confirm', side: 'source', ...withoutValue(outcome) });
    if (outcome.how === 'lost') await this.#hangUp('source');
  }

  #tellDestination(
    cancelled: Cancelled,
  ): Promise<StepOutcome<{ readonly domain: RemoteDomain; readonly cookie: Cookie }>> {
    const cookie = this.#takeCookieForDestination();
    // What it had for the source before is stale.
    this.#cookieForSource = noCookie;
    const params = withParameter(this.#params, 'destination_name', this.#plan.destinationName);
    return attempt(() => this.#destination.finish(params, cookie, this.#destinationFlags, cancelled));
  }

  #tellSource(cancelled: Cancelled): Promise<StepOutcome<void>> {
    const cookie = this.#takeCookieForSource();
    return attempt(() => this.#source.confirm(this.#params, cookie, this.#sourceFlags, cancelled));
  }

  async #hangUp(side: 'source' | 'destination'): Promise<void> {
    const end = side === 'source' ? this.#source : this.#destination;
    await this.#undo('hang up', side, () => end.hangUp());
  }

  async #undo(step: MigrationUndoing['step'], side: 'source' | 'destination', act: () => Promise<void>): Promise<void> {
    this.#undone.push({ step, side, ...withoutValue(await attempt(act)) });
  }

  /** A cookie is for the next step of the other end, and for that only. */
  #takeCookieForSource(): Cookie {
    const cookie = this.#cookieForSource;
    this.#cookieForSource = noCookie;
    return cookie;
  }

  #takeCookieForDestination(): Cookie {
    const cookie = this.#cookieForDestination;
    this.#cookieForDestination = noCookie;
    return cookie;
  }

  get #isAborted(): boolean {
    return this.#plan.signal.aborted;
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  /** The source lets nobody change the domain between the steps, and gives it free when the connection ends. */
  get #sourceFlags(): number {
    return this.#flags | VIR_MIGRATE_CHANGE_PROTECTION;
  }

  get #destinationFlags(): number {
    return this.#flags & ~(VIR_MIGRATE_ABORT_ON_ERROR | VIR_MIGRATE_AUTO_CONVERGE | VIR_MIGRATE_CHANGE_PROTECTION);
  }

  async #failedPerform(outcome: Failed): Promise<MigrationError> {
    const step = { phase: 'perform', side: 'source' } as const;
    if (this.#isAborted) return this.#abortedIn(step);
    // The source was told to stop because of it.
    const { lost } = this.#destination;
    if (lost.aborted) return this.#failure({ phase: 'perform', side: 'destination', how: 'lost', cause: lost.reason });
    return this.#failed(step, outcome);
  }

  #abortedIn(step: Pick<Reason, 'phase' | 'side'>): Promise<MigrationError> {
    return this.#failure({ ...step, how: 'aborted', cause: this.#plan.signal.reason });
  }

  #failed(step: Pick<Reason, 'phase' | 'side'>, { how, error }: Failed): Promise<MigrationError> {
    return this.#failure({ ...step, how, cause: error });
  }

  async #failure(reason: Reason): Promise<MigrationError> {
    const seen = await locateGuest(this.#source, this.#destination, this.#told, this.#plan);
    return new MigrationError({ ...reason, ...seen, domainName: this.#plan.domain.name, undone: this.#undone });
  }
}

/** Its daemon says that it has no guest with memory. */
function isGone(sighting: Sighting): boolean {
  return sighting.kind !== 'unseen' && !isActive(sighting);
}

function isLeftPaused(sighting: Sighting): boolean {
  if (sighting.kind !== 'present' || sighting.state !== DomainState.VIR_DOMAIN_PAUSED) return false;
  return sighting.reason === DomainPausedReason.VIR_DOMAIN_PAUSED_MIGRATION;
}

function withoutValue(outcome: StepOutcome<unknown>): Pick<MigrationUndoing, 'how' | 'error'> {
  return outcome.how === 'done' ? { how: 'done' } : { how: outcome.how, error: outcome.error };
}
