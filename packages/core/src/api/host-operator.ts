import { z } from 'zod';
import {
  ComputeError,
  type CallOptions,
  type HostCpuStats,
  type HostPowerRequest,
  type HostResources,
} from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import { hostModes, type HostMode, type HostRecord } from '../model/host-record.js';
import type { RequestContext } from '../model/request-context.js';
import { hostCallTable } from '../peers/host-call-table.js';
import type { HostCallName, HostCalls } from '../peers/host-calls.js';
import type { Records } from '../records/records.js';
import type { Access } from '../requests/access.js';
import { door } from '../requests/door.js';
import { callFields, shortText } from '../requests/fields.js';
import type { Hosts } from '../requests/hosts.js';

export interface HostOperatorDeps {
  readonly access: Access;
  readonly hosts: Hosts;
  readonly records: Records;
}

export type HostPowerAction = HostPowerRequest['action'];

/** Which host is asked. */
export interface HostOptions extends CallOptions {
  /** Default: the host of this process. A service without a host needs it. */
  readonly host?: string;
}

const powerActions = ['reboot', 'shutdown', 'startup'] as const satisfies readonly HostPowerAction[];
const hostMode = z.enum(hostModes, hostModes.join(', '));
const powerAction = z.enum(powerActions, powerActions.join(', '));

export const hostOptions = knownFields(
  { ...callFields, host: shortText.optional() },
  'an object of options',
).optional();

/**
 * What an operator asks of a host itself. Common errors: `FORBIDDEN` for tenants; `NOT_SUPPORTED` with the reason where the driver cannot;
 * `HYPERVISOR_UNAVAILABLE`; `HOST_UNAVAILABLE` for a host that cannot be reached; `INVALID_INPUT` where a host must be named.
 */
export class HostOperator {
  readonly #deps: HostOperatorDeps;

  constructor(deps: HostOperatorDeps) {
    this.#deps = deps;
  }

  /** Every host that has a record: its mode, and what its manager has said of it. */
  @door({ options: hostOptions })
  async list(context: RequestContext, options?: CallOptions): Promise<readonly HostRecord[]> {
    this.#deps.access.require(context, 'administer', 'list the hosts of');
    return await this.#deps.records.store.listHosts(options);
  }

  /** How long the host has been up, in milliseconds. */
  @door({ options: hostOptions })
  async uptimeMs(context: RequestContext, options?: HostOptions): Promise<number> {
    const { host, call } = this.#asked(context, 'uptimeMs', options);
    return await host.uptimeMs({ context }, call);
  }

  @door({ options: hostOptions })
  async cpuStats(context: RequestContext, options?: HostOptions): Promise<HostCpuStats> {
    const { host, call } = this.#asked(context, 'cpuStats', options);
    return await host.cpuStats({ context }, call);
  }

  @door({ options: hostOptions })
  async resources(context: RequestContext, options?: HostOptions): Promise<HostResources> {
    const { host, call } = this.#asked(context, 'resources', options);
    return await host.resources({ context }, call);
  }

  /** Whether it takes new instances. */
  @door({ options: hostOptions })
  async mode(context: RequestContext, options?: HostOptions): Promise<HostMode> {
    const { host, call } = this.#asked(context, 'mode', options);
    return await host.mode({ context }, call);
  }

  /**
   * Afterwards a host that is not `enabled` refuses builds and whatever else would bring an instance to it, with `HOST_DISABLED`. The mode
   * is on record: the next process begins with it, whatever `hostLife.mode` says. A driver that can is told too. Idempotent; on failure the
   * mode stays what it was, but that after `STORE_UNAVAILABLE` the next process may begin with either.
   * @throws ComputeError `INVALID_INPUT`
   */
  @door({ mode: hostMode, options: hostOptions })
  async setMode(context: RequestContext, mode: HostMode, options?: HostOptions): Promise<void> {
    const { host, call } = this.#asked(context, 'setMode', options);
    await host.setMode({ context, mode }, call);
  }

  /** Guests are not asked first: disable the host and drain it before. @throws ComputeError `INVALID_INPUT` */
  @door({ action: powerAction, options: hostOptions })
  async powerAction(context: RequestContext, action: HostPowerAction, options?: HostOptions): Promise<void> {
    const { host, call } = this.#asked(context, 'powerAction', options);
    await host.powerAction({ context, action }, call);
  }

  /** Keeps an image on the host, so that the next build from it is quick. Idempotent. @throws ComputeError `IMAGE_NOT_FOUND` */
  @door({ imageId: shortText, options: hostOptions })
  async cacheImage(context: RequestContext, imageId: string, options?: HostOptions): Promise<'cached' | 'existing'> {
    const { host, call } = this.#asked(context, 'cacheImage', options);
    return await host.cacheImage({ context, imageId }, call);
  }

  #asked(context: RequestContext, name: HostCallName, options: HostOptions = {}) {
    this.#deps.access.require(context, 'administer', hostCallTable[name].verb);
    return askedHost(this.#deps.hosts, options);
  }
}

/** The host that an operator names, or this process's own. @throws ComputeError `INVALID_INPUT` where there is neither */
export function askedHost(
  hosts: Hosts,
  { host = hosts.ownHost, ...call }: HostOptions,
): { readonly host: HostCalls; readonly call: CallOptions } {
  if (host !== undefined) return { host: hosts.of(host), call };
  const details = { field: 'options.host', value: 'undefined', accepted: 'the name of a host: this service has none' };
  throw new ComputeError('INVALID_INPUT', details);
}
