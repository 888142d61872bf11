import { ComputeError, type CallOptions, type GuestName } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { DefinedGuest, GuestView } from '../hypervisor/guest-view.js';
import type { DriverCall } from './driver-call.js';
import { isGuestOfAnother } from './guest-generation.js';

/** What is held under a uuid as far as it is ours, of whatever generation: of a stranger's guest there is nothing to see. */
export async function readOurs(connection: FakeConnection, uuid: string, options: CallOptions): Promise<GuestView> {
  const view = await connection.readState(uuid, options);
  return view.guest?.maker === 'stranger' ? nothingOf(uuid) : view;
}

/** What is held of the guest that is named: of another generation's guest there is nothing to see, and nothing to touch. */
export async function readManaged(
  connection: FakeConnection,
  instance: GuestName,
  options: CallOptions,
): Promise<ManagedView> {
  const view = await readOurs(connection, instance.uuid, options);
  if (isGuestOfAnother(view, instance)) return { ...nothingOf(instance.uuid), holder: 'another generation' };
  return { ...view, holder: 'the one that is named' };
}

/** A view, and whether what there is to see and to touch is that of the guest that is named. */
export type ManagedView = GuestView & { readonly holder: 'the one that is named' | 'another generation' };

/** A view that has a guest. */
export type PresentGuest = GuestView & { readonly guest: DefinedGuest };

export function isPresent(view: GuestView): view is PresentGuest {
  return view.guest !== undefined;
}

/** The guest, which must be there. @throws ComputeError `INSTANCE_NOT_FOUND` */
export async function readPresent(
  connection: FakeConnection,
  instance: GuestName,
  options: CallOptions,
): Promise<PresentGuest> {
  const view = await readManaged(connection, instance, options);
  if (isPresent(view)) return view;
  throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: instance.uuid });
}

/**
 * The guest, or what is left of it, for a call that would make it anew: not in another's place.
 * @throws ComputeError `INSTANCE_NOT_FOUND` where a stranger's guest is, `INSTANCE_EXISTS` where one of another generation is
 */
export async function readMine({ connection, instance, signal }: DriverCall): Promise<GuestView> {
  const view = await connection.readState(instance.uuid, { signal });
  if (view.guest?.maker === 'stranger') throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: instance.uuid });
  if (isGuestOfAnother(view, instance)) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: instance.uuid });
  return view;
}

function nothingOf(uuid: string): GuestView {
  return { uuid, guest: undefined, disks: [], vifs: [], savedMemory: 'absent' };
}
