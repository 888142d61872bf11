import type { CallOptions } from '../call-options.js';
import type { InstanceSpec } from '../instance-spec.js';

/** What a host has and what of it is taken. Nova: `get_available_resource`, `get_available_nodes`, `update_provider_tree`. */
export interface HostResourcesAbility {
  getAvailableResource(options?: CallOptions): Promise<HostResources>;
}

export interface HostResources {
  readonly hypervisorType: string;
  /** `major.minor.patch` */
  readonly hypervisorVersion: string;
  readonly hypervisorHostname: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly memoryUsedMib: number;
  readonly diskGib: number;
  readonly diskUsedGib: number;
}

/** Nova: `get_host_uptime`. */
export interface HostUptimeAbility {
  getHostUptimeMs(options?: CallOptions): Promise<number>;
}

/** Counters since the host started. Nova: `get_host_cpu_stats`. */
export interface HostCpuStatsAbility {
  getHostCpuStats(options?: CallOptions): Promise<HostCpuStats>;
}

export interface HostCpuStats {
  readonly kernelMs: number;
  readonly userMs: number;
  readonly idleMs: number;
  readonly iowaitMs: number;
  readonly frequencyMhz: number;
}

/** Nova: `host_power_action`. */
export interface HostPowerAbility {
  hostPowerAction(action: 'reboot' | 'shutdown' | 'startup', options?: CallOptions): Promise<void>;
}

/** Nova: `host_maintenance_mode`, `set_host_enabled`. */
export interface HostMaintenanceAbility {
  /** Idempotent. */
  setHostMode(mode: 'enabled' | 'disabled' | 'maintenance', options?: CallOptions): Promise<void>;
}

/** Starting again the guests that ran when the host went down. Nova: `resume_state_on_host_boot`. */
export interface ResumeOnHostBootAbility {
  /** Afterwards the guest runs. Idempotent. @throws ComputeError `GUEST_START_FAILED` */
  resumeStateOnHostBoot(instance: InstanceSpec, options?: CallOptions): Promise<void>;
}

/** Files a dead or failed move has left. Nova: `delete_instance_files`, `cleanup_lingering_instance_resources`. */
export interface LingeringFilesAbility {
  /** Removes what is left on this host of an instance that has no guest here; the files of a guest stay. Idempotent. */
  deleteInstanceFiles(instanceUuid: string, options?: CallOptions): Promise<void>;
}

/** A host that hears of power changes from outside, as bare metal does. Nova: `power_update_event`. */
export interface PowerUpdateAbility {
  powerUpdateEvent(instanceUuid: string, target: 'POWER_ON' | 'POWER_OFF', options?: CallOptions): Promise<void>;
}
