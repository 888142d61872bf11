import { join } from 'node:path';

export type Access = 'read-write' | 'read-only';
/** `direct`: the driver's own daemon. `legacy`: the one daemon for all drivers. `auto`: whichever is there. */
export type DaemonMode = 'auto' | 'direct' | 'legacy';

/** Where daemons of one kind have their sockets: those of the machine, or those of one user's session. */
export interface SocketPlace {
  readonly kind: 'system' | 'session';
  readonly directory: string;
}

export const SYSTEM_SOCKETS: SocketPlace = { kind: 'system', directory: '/run/libvirt' };

/** The daemon that has one driver and no other. Where it runs, libvirtd does not; the test driver has none. */
const ownDaemons: Readonly<Record<string, string | undefined>> = {
  qemu: 'virtqemud',
  lxc: 'virtlxcd',
  xen: 'virtxend',
  vbox: 'virtvboxd',
  bhyve: 'virtbhyved',
  ch: 'virtchd',
  vz: 'virtvzd',
  network: 'virtnetworkd',
  storage: 'virtstoraged',
  interface: 'virtinterfaced',
  nodedev: 'virtnodedevd',
  nwfilter: 'virtnwfilterd',
  secret: 'virtsecretd',
  test: undefined,
};

/** The drivers a daemon can have. The others, as esx, live in the C library and speak no RPC. */
export const daemonDrivers: readonly string[] = Object.keys(ownDaemons);

export interface SocketChoice {
  readonly driver: string;
  readonly access: Access;
  readonly mode: DaemonMode;
}

/** The sockets where a driver may be found, best first. Empty when it has no daemon of its own and `direct` asks for it. */
export function daemonSockets(place: SocketPlace, { driver, access, mode }: SocketChoice): readonly string[] {
  const own = ownDaemons[driver];
  // A session's daemon listens at one socket only: all its clients are the same user.
  const suffix = access === 'read-only' && place.kind === 'system' ? '-ro' : '';
  const daemons = [...(own !== undefined && mode !== 'legacy' ? [own] : []), ...(mode === 'direct' ? [] : ['libvirt'])];
  return daemons.map((daemon) => join(place.directory, `${daemon}-sock${suffix}`));
}
