import { ComputeError, type CallOptions } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { DefinedGuest, GuestView } from '../hypervisor/guest-view.js';
import type { DriverCall } from './driver-call.js';

/** What is held under a uuid as far as it is ours: of a stranger's guest there is nothing to see, and nothing to touch. */
export async function readManaged(connection: FakeConnection, uuid: string, options: CallOptions): Promise<GuestView> {
  const view = await connection.readState(uuid, options);
  if (view.guest?.maker !== 'stranger') return view;
  return { uuid, guest: undefined, disks: [], vifs: [], savedMemory: 'absent' };
}

/** A view that has a guest. */
export type PresentGuest = GuestView & { readonly guest: DefinedGuest };

export function isPresent(view: GuestView): view is PresentGuest {
  return view.guest !== undefined;
}

/** The guest, which must be there. @throws ComputeError `INSTANCE_NOT_FOUND` */
export async function readPresent(
  connection: FakeConnection,
  instanceUuid: string,
  options: CallOptions,
): Promise<PresentGuest> {
  const view = await readManaged(connection, instanceUuid, options);
  if (isPresent(view)) return view;
  throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
}

/** The guest, or what is left of it, for a call that would make it anew: not in a stranger's place. */
export async function readMine({ connection, instanceUuid, signal }: DriverCall): Promise<GuestView> {
  const view = await connection.readState(instanceUuid, { signal });
  if (view.guest?.maker !== 'stranger') return view;
  throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
}
