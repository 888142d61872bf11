export const hostModes = ['enabled', 'disabled', 'maintenance'] as const;

/** `disabled`: it takes no new instance, and goes on with those it has. `maintenance`: the same, and the hypervisor is told. */
export type HostMode = (typeof hostModes)[number];

/** What an operator has said of a host, for every process that will look after it. */
export interface HostRecord {
  readonly host: string;
  readonly mode: HostMode;
}
