import type { CallOptions } from '../call-options.js';
import type { GuestRequest, HostRequest, InstanceRequest } from '../driver-request.js';

/** What a host has and what of it is taken. Nova: `get_available_resource`, `get_available_nodes`, `update_provider_tree`. */
export interface HostResourcesAbility {
  getAvailableResource(request: HostRequest, options?: CallOptions): Promise<HostResources>;
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
  getHostUptimeMs(request: HostRequest, options?: CallOptions): Promise<number>;
}

/** Counters since the host started. Nova: `get_host_cpu_stats`. */
export interface HostCpuStatsAbility {
  getHostCpuStats(request: HostRequest, options?: CallOptions): Promise<HostCpuStats>;
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
  hostPowerAction(request: HostPowerRequest, options?: CallOptions): Promise<void>;
}

export interface HostPowerRequest {
  readonly action: 'reboot' | 'shutdown' | 'startup';
}

/** Nova: `host_maintenance_mode`, `set_host_enabled`. */
export interface HostMaintenanceAbility {
  /** Idempotent. */
  setHostMode(request: HostModeRequest, options?: CallOptions): Promise<void>;
}

export interface HostModeRequest {
  readonly mode: 'enabled' | 'disabled' | 'maintenance';
}

/** Starting again the guests that ran when the host went down. Nova: `resume_state_on_host_boot`. */
export interface ResumeOnHostBootAbility {
  /** Afterwards the guest runs. Idempotent. @throws ComputeError `GUEST_START_FAILED` */
  resumeStateOnHostBoot(request: InstanceRequest, options?: CallOptions): Promise<void>;
}

/** Files a dead or failed move has left. Nova: `delete_instance_files`, `cleanup_lingering_instance_resources`. */
export interface LingeringFilesAbility {
  /** Removes what is left on this host of an instance that has no guest here; the files of a guest stay. Idempotent. */
  deleteInstanceFiles(request: GuestRequest, options?: CallOptions): Promise<void>;
}

/** A host that hears of power changes from outside, as bare metal does. Nova: `power_update_event`. */
export interface PowerUpdateAbility {
  powerUpdateEvent(request: PowerUpdateRequest, options?: CallOptions): Promise<void>;
}

export interface PowerUpdateRequest extends GuestRequest {
  readonly target: 'POWER_ON' | 'POWER_OFF';
}
