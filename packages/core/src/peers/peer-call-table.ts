import type { HostPeer } from './host-peer.js';

const minute = 60_000;

/** The other end's driver has deadlines of its own; these are longer, for an end that does not answer at all. */
const readMs = minute;
const changeMs = 10 * minute;
const longMs = 45 * minute;

/** Every call to a peer, and when it is given up, in milliseconds. */
export const peerCallTimeoutsMs: { readonly [Method in keyof HostPeer]: number } = {
  inspect: readMs,
  prepareMove: changeMs,
  noteMove: readMs,
  finishResize: longMs,
  undoResize: changeMs,
  confirmResize: changeMs,
  revertResize: longMs,
  checkLiveMigration: changeMs,
  cleanUpLiveMigrationCheck: changeMs,
  preLiveMigration: longMs,
  postLiveMigration: changeMs,
  rollbackLiveMigration: changeMs,
  removeInstance: changeMs,
};
