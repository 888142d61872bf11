import type { CallOptions } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import type { DefinedGuest, GuestView } from '../hypervisor/guest-view.js';

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
