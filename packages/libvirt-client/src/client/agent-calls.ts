import {
  DomainGetHostnameFlags,
  DomainInterfaceAddressesSource,
  DomainRebootFlagValues,
  DomainShutdownFlagValues,
  DomainVcpuFlags,
} from '../constants/enumerations.gen.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import * as qemu from '../procedures/qemu.gen.js';
import * as remote from '../procedures/remote.gen.js';

/**
 * Whether a call waits for the agent in the guest, which may never answer.
 * - `always`: it does nothing else. libvirt has a job of its own for it, beside the domain's job.
 * - `perhaps`: it asks the agent if there is one, or may ask the hypervisor instead.
 * - `never`: it needs the hypervisor or the daemon only.
 */
export type AgentUse = 'always' | 'perhaps' | 'never';

interface Numbers {
  readonly flags?: number;
  readonly source?: number;
}

const onlyAgent: ReadonlySet<AnyProcedure> = new Set<AnyProcedure>([
  qemu.domainAgentCommand,
  remote.domainAuthorizedSSHKeysGet,
  remote.domainAuthorizedSSHKeysSet,
  remote.domainFSFreeze,
  remote.domainFSThaw,
  remote.domainFSTrim,
  remote.domainGetFSInfo,
  remote.domainGetGuestInfo,
  remote.domainGetGuestVcpus,
  remote.domainGetTime,
  remote.domainPMSuspendForDuration,
  remote.domainSetGuestVcpus,
  remote.domainSetTime,
  remote.domainSetUserPassword,
]);

const hasFlag =
  (flag: number) =>
  ({ flags = 0 }: Numbers): AgentUse =>
    (flags & flag) === 0 ? 'never' : 'always';
/** Without flags the agent is tried first, then ACPI. */
const unlessToldOtherwise =
  (agent: number) =>
  ({ flags = 0 }: Numbers): AgentUse =>
    flags === 0 || (flags & agent) !== 0 ? 'perhaps' : 'never';

const byArguments: ReadonlyMap<AnyProcedure, (args: Numbers) => AgentUse> = new Map<
  AnyProcedure,
  (args: Numbers) => AgentUse
>([
  [remote.domainGetHostname, hasFlag(DomainGetHostnameFlags.VIR_DOMAIN_GET_HOSTNAME_AGENT)],
  [remote.domainGetVcpusFlags, hasFlag(DomainVcpuFlags.VIR_DOMAIN_VCPU_GUEST)],
  [remote.domainSetVcpusFlags, hasFlag(DomainVcpuFlags.VIR_DOMAIN_VCPU_GUEST)],
  [
    remote.domainInterfaceAddresses,
    ({ source }) =>
      source === DomainInterfaceAddressesSource.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT ? 'always' : 'never',
  ],
  [remote.domainShutdown, () => 'perhaps'],
  [remote.domainShutdownFlags, unlessToldOtherwise(DomainShutdownFlagValues.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)],
  [remote.domainReboot, unlessToldOtherwise(DomainRebootFlagValues.VIR_DOMAIN_REBOOT_GUEST_AGENT)],
]);

export function agentUseOf(procedure: AnyProcedure, args: unknown): AgentUse {
  if (onlyAgent.has(procedure)) return 'always';
  return byArguments.get(procedure)?.(args as Numbers) ?? 'never';
}
