import { DomainState } from '../constants/enumerations.gen.js';
import type { GuestPlace, Sighting } from './guest-place.js';
import type { StepFailure } from './step-outcome.js';

export type MigrationPhase = 'connect' | 'begin' | 'prepare' | 'perform' | 'finish' | 'confirm';
export type MigrationSide = 'source' | 'destination';

/**
 * Something that was done because the migration could not go on:
 * - `abort job`: the source was told to stop sending
 * - `finish`: the destination was told that the migration is cancelled, so that it removes its copy
 * - `confirm`: the source was told so, so that it lets the guest run on
 * - `resume`: the guest, left paused by the migration, was resumed
 * - `hang up`: the connection was closed, at which a daemon ends what was begun on it
 */
export interface MigrationUndoing {
  readonly step: 'abort job' | 'finish' | 'confirm' | 'resume' | 'hang up';
  readonly side: MigrationSide;
  readonly how: 'done' | StepFailure;
  readonly error?: unknown;
}

export interface MigrationFailure {
  readonly domainName: string;
  readonly phase: MigrationPhase;
  readonly side: MigrationSide;
  readonly how: StepFailure | 'aborted';
  readonly cause: unknown;
  readonly undone: readonly MigrationUndoing[];
  readonly guest: GuestPlace;
  readonly source: Sighting;
  readonly destination: Sighting;
}

/**
 * A migration has failed. The error says in which phase and at which side, what was undone, and where the guest is now.
 * The message holds the daemons' words: for operators only.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  /** The phase that failed, or during which the migration was aborted. */
  readonly phase: MigrationPhase;
  /** The end whose daemon was asked, or was lost. */
  readonly side: MigrationSide;
  /** `aborted`: by the signal or the time limit, whose reason is the `cause`. */
  readonly how: StepFailure | 'aborted';
  /** In the order in which it was done. */
  readonly undone: readonly MigrationUndoing[];
  /**
   * Where the guest is after all this. When it is at the destination, and the source still has a paused one, that is what
   * it left behind and should be destroyed.
   */
  readonly guest: GuestPlace;
  /** What the source's daemon says of the guest after all this. */
  readonly source: Sighting;
  /** What the destination's daemon says of the guest after all this. */
  readonly destination: Sighting;

  constructor(failure: MigrationFailure) {
    super(describe(failure), { cause: failure.cause });
    this.phase = failure.phase;
    this.side = failure.side;
    this.how = failure.how;
    this.undone = failure.undone;
    this.guest = failure.guest;
    this.source = failure.source;
    this.destination = failure.destination;
  }
}

function describe(failure: MigrationFailure): string {
  const { domainName, phase, side, how, cause, undone, guest } = failure;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const steps = undone.map(
    ({ step, side: where, how: outcome, error }) =>
      `${step} at the ${where} (${error instanceof Error ? `${outcome}: ${error.message}` : outcome})`,
  );
  return [
    `migration of ${JSON.stringify(domainName)}: ${phase} at the ${side} ${how}: ${reason}`,
    steps.length === 0 ? 'nothing had to be undone' : `undone: ${steps.join(', ')}`,
    `the guest is ${placeNames[guest]}: source ${sight(failure.source)}, destination ${sight(failure.destination)}`,
  ].join('; ');
}

const placeNames = {
  source: 'at the source',
  destination: 'at the destination',
  nowhere: 'nowhere',
  unknown: 'at an unknown place',
} as const satisfies Record<GuestPlace, string>;

const stateNames = new Map(Object.entries(DomainState).map(([name, number]) => [number as number, name]));

function sight(sighting: Sighting): string {
  if (sighting.kind !== 'present') return sighting.kind;
  return `${stateNames.get(sighting.state) ?? sighting.state} (reason ${sighting.reason})`;
}
