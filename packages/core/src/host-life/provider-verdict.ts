import { isFinished, type InstanceAction } from '../model/instance-action.js';
import type { Instance } from '../model/instance.js';
import type { Volume } from '../providers/volume-provider.js';

/**
 * What is done about one thing that a provider holds for an instance, or that its record says it holds.
 * - `fine`: both say the same.
 * - `awaited`: an operation, an open step or a pending release will say what becomes of it.
 * - `give back`: no record names it, and an action that has ended made it.
 * - `ask again`: the record names it, and the provider does not.
 * - `tell`: nobody can say whose it is. Operators are told, and it is left alone.
 */
export type ProviderVerdict = 'fine' | 'awaited' | 'give back' | 'ask again' | 'tell';

/** What is known of an instance beside what its providers say. */
export interface AuditedInstance {
  readonly instance: Instance;
  /** All of its actions. */
  readonly actions: readonly InstanceAction[];
  readonly migration: 'none' | 'unfinished';
  /** The host that looks. */
  readonly host: string;
}

/** Looks at a volume that a provider holds for the instance's build. Pure. */
export function verdictOnHeldVolume(
  { id, attachment }: Pick<Volume, 'id' | 'attachment'>,
  audited: AuditedInstance,
): ProviderVerdict {
  const { instance, host } = audited;
  const { reservationId, hosts = [] } = attachment ?? {};
  const recorded = instance.blockDevices.find((device) => device.id === id);
  const isDeleted = instance.vmState === 'deleted';
  if (recorded && !isDeleted && isSameHold(recorded.reservationId, reservationId)) return 'fine';
  if (isAwaited(audited)) return 'awaited';
  const isHere = instance.host === host && hosts.every((each) => each === host);
  if ((recorded && !isDeleted) || !isHere || reservationId === undefined) return 'tell';
  const isOurs = recorded?.reservationId === reservationId || hasEnded(reservationId, audited);
  return isOurs ? 'give back' : 'tell';
}

/** Looks at a volume that the instance's record names and its provider does not hold for its build. Pure. */
export function verdictOnMissingVolume(
  { reservationId }: { readonly reservationId?: string | undefined },
  audited: AuditedInstance,
): ProviderVerdict {
  // A device without a reservation may never have been a provider's.
  if (audited.instance.vmState === 'deleted' || reservationId === undefined) return 'fine';
  if (isAwaited(audited)) return 'awaited';
  return audited.instance.host === audited.host ? 'ask again' : 'tell';
}

/** Looks at an interface that a provider holds for the instance's build. Pure. */
export function verdictOnHeldInterface(id: string, audited: AuditedInstance): ProviderVerdict {
  const { instance, host } = audited;
  const isDeleted = instance.vmState === 'deleted';
  if (!isDeleted && instance.networkInterfaces.some((each) => each.id === id)) return 'fine';
  if (isAwaited(audited)) return 'awaited';
  if (instance.host !== host) return 'tell';
  return isDeleted || lostAttachments(audited).length > 0 ? 'give back' : 'tell';
}

/** Reservations of interfaces that no record names: those of actions that have ended without attaching one. */
export function lostAttachments({ actions }: Pick<AuditedInstance, 'actions'>): readonly string[] {
  const lost = actions.filter(
    (action) => action.operation === 'attachInterface' && isFinished(action) && action.state !== 'succeeded',
  );
  return lost.map(({ uuid }) => uuid);
}

/** Whether something goes on, or is listed, that may still say what becomes of what the instance holds. */
function isAwaited({ instance, actions, migration }: AuditedInstance): boolean {
  const { taskState, pendingRelease = [] } = instance;
  const isBusy = taskState !== null || migration === 'unfinished' || pendingRelease.length > 0;
  return isBusy || actions.some((action) => !isFinished(action) || (action.steps?.length ?? 0) > 0);
}

/** Whether a reservation was made by an action of the instance that has ended. */
function hasEnded(reservationId: string, { actions }: AuditedInstance): boolean {
  return actions.some((action) => action.uuid === reservationId && isFinished(action));
}

/** A hold without a name is that of whichever the instance has. */
function isSameHold(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
