import { DomainPausedReason, DomainShutoffReason, DomainState } from '../constants/enumerations.gen.js';

/** What one daemon says of the guest. `unseen`: it could not be asked, and `error` tells why. */
export type Sighting =
  | { readonly kind: 'present'; readonly state: number; readonly reason: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unseen'; readonly error: unknown };

/** `nowhere`: both daemons were asked and neither has it. `unknown`: what could be asked does not decide it. */
export type GuestPlace = 'source' | 'destination' | 'nowhere' | 'unknown';

/**
 * Whether the destination may have been told to run the guest. Until it has been, its copy has not executed a single
 * instruction, whatever memory it may hold.
 */
export type ToldToRun = 'never' | 'perhaps';

/** Reasons of a copy that waits for the other end, or is handed over to it: it does not run and may never. */
const waiting: ReadonlySet<number> = new Set<number>([
  DomainPausedReason.VIR_DOMAIN_PAUSED_UNKNOWN,
  DomainPausedReason.VIR_DOMAIN_PAUSED_MIGRATION,
  DomainPausedReason.VIR_DOMAIN_PAUSED_STARTING_UP,
  DomainPausedReason.VIR_DOMAIN_PAUSED_POSTCOPY,
  DomainPausedReason.VIR_DOMAIN_PAUSED_POSTCOPY_FAILED,
]);

/** There is a guest with memory, running or not. */
export function isActive(sighting: Sighting): boolean {
  if (sighting.kind !== 'present') return false;
  return sighting.state !== DomainState.VIR_DOMAIN_SHUTOFF && sighting.state !== DomainState.VIR_DOMAIN_NOSTATE;
}

/** A copy that is kept still because of the migration. */
export function isInTransit(sighting: Sighting): boolean {
  if (sighting.kind !== 'present' || sighting.state !== DomainState.VIR_DOMAIN_PAUSED) return false;
  return waiting.has(sighting.reason);
}

/** The guest's memory is partly at one end and partly at the other. */
export function isInPostCopy(sighting: Sighting): boolean {
  if (sighting.kind !== 'present' || sighting.state !== DomainState.VIR_DOMAIN_PAUSED) return false;
  const { VIR_DOMAIN_PAUSED_POSTCOPY, VIR_DOMAIN_PAUSED_POSTCOPY_FAILED } = DomainPausedReason;
  return sighting.reason === VIR_DOMAIN_PAUSED_POSTCOPY || sighting.reason === VIR_DOMAIN_PAUSED_POSTCOPY_FAILED;
}

/** Where the guest is, as far as what both ends say and what was done decide it. Never a guess. */
export function placeOf(source: Sighting, destination: Sighting, told: ToldToRun): GuestPlace {
  if (told === 'never') return placeOfUntold(source, destination);
  if (source.kind === 'unseen') return runsAt(destination) ? 'destination' : 'unknown';
  if (destination.kind === 'unseen') {
    if (runsAt(source)) return 'source';
    return wasMigrated(source) ? 'destination' : 'unknown';
  }
  if (runsAt(source)) return runsAt(destination) ? 'unknown' : 'source';
  if (runsAt(destination)) return 'destination';
  if (isActive(source)) return isActive(destination) ? 'unknown' : 'source';
  if (isActive(destination)) return 'unknown';
  return placeOfStopped(source, destination);
}

/** It can only be where it was, unless it ended there, or somebody else has started it at the destination. */
function placeOfUntold(source: Sighting, destination: Sighting): GuestPlace {
  if (runsAt(destination)) return isActive(source) || source.kind === 'unseen' ? 'unknown' : 'destination';
  if (source.kind !== 'absent') return 'source';
  return destination.kind === 'absent' ? 'nowhere' : 'unknown';
}

function placeOfStopped(source: Sighting, destination: Sighting): GuestPlace {
  if (wasMigrated(source) && destination.kind === 'present') return 'destination';
  if (source.kind === 'present') return 'source';
  return destination.kind === 'present' ? 'destination' : 'nowhere';
}

/** The guest is in the hands of this end; it may be paused, but not because of the migration. */
function runsAt(sighting: Sighting): boolean {
  return isActive(sighting) && !isInTransit(sighting);
}

/** A stopped domain of which the source's daemon itself says that its guest has moved. */
function wasMigrated(sighting: Sighting): boolean {
  if (sighting.kind !== 'present' || sighting.state !== DomainState.VIR_DOMAIN_SHUTOFF) return false;
  return sighting.reason === DomainShutoffReason.VIR_DOMAIN_SHUTOFF_MIGRATED;
}
