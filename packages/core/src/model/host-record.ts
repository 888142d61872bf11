import type { DriverCapabilities, HonouredProperties } from '../driver/index.js';
import type { Footprint } from './footprint.js';

export const hostModes = ['enabled', 'disabled', 'maintenance'] as const;

/** `disabled`: it takes no new instance, and goes on with those it has. `maintenance`: the same, and the hypervisor is told. */
export type HostMode = (typeof hostModes)[number];

/** A host as every process knows it: what an operator has set, and what its manager says of it. */
export interface HostRecord {
  readonly host: string;
  readonly mode: HostMode;
  /** Who has set the mode. `operator`, or left out: it also holds for the next process. `configuration`: the next process sets its own. */
  readonly modeSetBy?: 'operator' | 'configuration';
  /** Written by the host's manager at its start, and when its hypervisor has come back. Left out before the first start. */
  readonly description?: HostDescription;
}

/** What a request must know of a host that another process looks after. */
export interface HostDescription {
  /** The name of its driver. */
  readonly driver: string;
  /** The version of the peers port that it speaks. */
  readonly protocol: { readonly major: number; readonly minor: number };
  readonly capabilities: DriverCapabilities;
  /** What of flavors and images it acts on; `null`: it does not say, and nothing is refused. */
  readonly honoured: HonouredProperties | null;
  /** What may be taken of it in all; `null`: its driver does not tell. */
  readonly limits: Footprint | null;
}
