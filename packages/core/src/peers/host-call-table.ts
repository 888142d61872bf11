import type { HostCallName } from './host-calls.js';

interface HostCallRow {
  /** Completes "Cannot … the instance". */
  readonly verb: string;
  /** Whether a call whose answer was lost may have changed something. */
  readonly access: 'read' | 'change';
  /** When the call is given up, in milliseconds. */
  readonly timeoutMs: number;
}

const minute = 60_000;
/** The host's driver has shorter deadlines of its own. These are for a host that does not answer at all. */
const read = { access: 'read', timeoutMs: 3 * minute } as const;
const change = { access: 'change', timeoutMs: 5 * minute } as const;

/** Every call to another host. */
export const hostCallTable: { readonly [Name in HostCallName]: HostCallRow } = {
  runAction: { access: 'change', timeoutMs: minute, verb: 'begin an action of' },
  cancelAction: { access: 'change', timeoutMs: minute, verb: 'cancel an action of' },
  getConsoleOutput: { ...read, verb: 'read the console log of' },
  createConsole: { ...change, verb: 'open a console of' },
  validateConsole: { ...read, verb: 'check a console token of' },
  getDiagnostics: { ...read, verb: 'read the diagnostics of' },
  inspect: { ...read, verb: 'inspect' },
  getPowerState: { ...read, verb: 'inspect' },
  abortLiveMigration: { ...change, verb: 'abort the migration of' },
  forceCompleteLiveMigration: { ...change, verb: 'complete the migration of' },
  deliverEvents: { ...change, verb: 'deliver external events of' },
  health: { ...read, verb: 'ask for the health of the host of' },
  usage: { ...read, verb: 'look at the host of' },
  uptimeMs: { ...read, verb: 'ask for the uptime of the host of' },
  cpuStats: { ...read, verb: 'ask for the CPU statistics of the host of' },
  resources: { ...read, verb: 'ask for the resources of the host of' },
  mode: { ...read, verb: 'ask for the mode of the host of' },
  setMode: { ...change, verb: 'set the mode of the host of' },
  powerAction: { ...change, verb: 'switch the host of' },
  cacheImage: { access: 'change', timeoutMs: 60 * minute, verb: 'cache images on the host of' },
};
