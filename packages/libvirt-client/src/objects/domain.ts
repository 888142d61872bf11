import * as qemu from '../procedures/qemu.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteDomainGetSecurityLabelRet } from '../procedures/structs.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { TypedParameter } from '../wire/typed-parameter-codec.js';
import { STRING_OKAY } from './ask-twice.js';
import { DomainCalls } from './domain-calls.gen.js';
import { nativeString } from '../wire/native-string.js';
import { typedValues, type TypedValues } from '../wire/typed-values.js';

/** A domain's state and why it is in it: values of DomainState and of the matching `Domain…Reason`. */
export interface DomainStateAndReason {
  readonly state: number;
  readonly reason: number;
}

/** virDomainInfo. Memory is in KiB, time in ns. */
export interface DomainInfo {
  readonly state: number;
  readonly maxMem: bigint;
  readonly memory: bigint;
  readonly nrVirtCpu: number;
  readonly cpuTime: bigint;
}

/** What a guest is to the host's security model. */
export interface SecurityLabel {
  readonly label: string;
  readonly enforcing: boolean;
}

/**
 * A domain as it was when it was looked up: a value, and the connection to call its functions on. The daemon goes by the
 * `uuid` alone, so it stays good over restarts of the guest and of the daemon; `id` is −1 when the domain was not
 * running, and may be old.
 */
export class Domain extends DomainCalls {
  /** As `createWithFlags` without flags. */
  create(options?: CallOptions): Promise<Domain> {
    return this.createWithFlags(0, options);
  }

  /** As `destroyFlags` without flags. */
  destroy(options?: CallOptions): Promise<void> {
    return this.destroyFlags(0, options);
  }

  /** `type`: DomainJobType, 0 when there is no job. `flags`: DomainGetJobStatsFlags. */
  async getJobStats(
    flags = 0,
    options?: CallOptions,
  ): Promise<{ readonly type: number; readonly params: TypedValues }> {
    const { type, params } = await this.caller.call(remote.domainGetJobStats, { dom: this, flags }, options);
    return { type, params: typedValues(params) };
  }

  /**
   * The times of the host's CPUs `startCpu` to `startCpu + ncpus − 1` that went to the guest, one record each. With
   * `startCpu` −1 and `ncpus` 1, one record of all together.
   */
  async getCPUStats(
    startCpu: number,
    ncpus: number,
    flags = 0,
    options?: CallOptions,
  ): Promise<readonly TypedValues[]> {
    const args = { dom: this, start_cpu: startCpu, ncpus, flags: flags | STRING_OKAY };
    const { nparams } = await this.caller.call(remote.domainGetCPUStats, { ...args, nparams: 0 }, options);
    const { params } = await this.caller.call(remote.domainGetCPUStats, { ...args, nparams }, options);
    return recordsOf(params);
  }

  /** virDomainGetSchedulerParametersFlags. `flags`: DomainModificationImpact. */
  async getSchedulerParametersFlags(flags = 0, options?: CallOptions): Promise<TypedValues> {
    const { nparams } = await this.getSchedulerType(options);
    const args = { dom: this, nparams, flags: flags | STRING_OKAY };
    return typedValues((await this.caller.call(remote.domainGetSchedulerParametersFlags, args, options)).params);
  }

  /** Of a running guest. */
  async getSecurityLabel(options?: CallOptions): Promise<SecurityLabel> {
    return securityLabel(await this.caller.call(remote.domainGetSecurityLabel, { dom: this }, options));
  }

  /** Of a running guest: one for each security model of the host. */
  async getSecurityLabelList(options?: CallOptions): Promise<readonly SecurityLabel[]> {
    const { labels } = await this.caller.call(remote.domainGetSecurityLabelList, { dom: this }, options);
    return labels.map(securityLabel);
  }

  /**
   * A command for QEMU's monitor, past libvirt: it marks the guest as tainted. `cmd` is JSON, or text with
   * VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP. `flags`: DomainQemuMonitorCommandFlags.
   */
  async qemuMonitorCommand(cmd: string, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.caller.call(qemu.domainMonitorCommand, { dom: this, cmd, flags }, options)).result;
  }

  /** A command for the agent in the guest, as JSON. `timeout` in s, or DomainQemuAgentCommandTimeoutValues. */
  async qemuAgentCommand(cmd: string, timeout: number, flags = 0, options?: CallOptions): Promise<string | null> {
    return (await this.caller.call(qemu.domainAgentCommand, { dom: this, cmd, timeout, flags }, options)).result;
  }
}

function securityLabel({ label, enforcing }: RemoteDomainGetSecurityLabelRet): SecurityLabel {
  return { label: nativeString(label), enforcing: enforcing !== 0 };
}

/** Records that follow each other in one list begin where a name comes again. */
function recordsOf(params: readonly TypedParameter[]): readonly TypedValues[] {
  const records: TypedParameter[][] = [];
  let seen = new Set<string>();
  for (const parameter of params) {
    if (records.length === 0 || seen.has(parameter.field)) {
      records.push([]);
      seen = new Set();
    }
    records.at(-1)?.push(parameter);
    seen.add(parameter.field);
  }
  return records.map(typedValues);
}
