import { z } from 'zod';
import {
  suppress,
  supports,
  type CallOptions,
  type HostCpuStats,
  type HostPowerRequest,
  type HostResources,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import { hostModes, type HostMode } from '../model/host-record.js';
import { checkedContext, type RequestContext } from '../model/request-context.js';
import type { HostModeSwitch } from '../records/host-mode.js';
import { accessPolicy } from '../requests/access-policy.js';
import { door } from '../requests/door.js';
import { callOptions, shortText } from '../requests/fields.js';

export interface HostOperatorOptions {
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly mode: HostModeSwitch;
}

export type HostPowerAction = HostPowerRequest['action'];

const powerActions = ['reboot', 'shutdown', 'startup'] as const satisfies readonly HostPowerAction[];
const hostMode = z.enum(hostModes, hostModes.join(', '));
const powerAction = z.enum(powerActions, powerActions.join(', '));

/**
 * What an operator asks of the host itself. Common errors: `FORBIDDEN` for tenants; `NOT_SUPPORTED` with the reason where the driver cannot;
 * `HYPERVISOR_UNAVAILABLE`.
 */
export class HostOperator {
  readonly #options: HostOperatorOptions;

  constructor(options: HostOperatorOptions) {
    this.#options = options;
  }

  /** How long the host has been up, in milliseconds. */
  @door({ options: callOptions })
  async uptimeMs(context: RequestContext, options?: CallOptions): Promise<number> {
    refuseTenant(context, 'ask for the uptime of the host');
    return await this.#options.driver.with('hostUptime').getHostUptimeMs({}, options);
  }

  @door({ options: callOptions })
  async cpuStats(context: RequestContext, options?: CallOptions): Promise<HostCpuStats> {
    refuseTenant(context, 'ask for the CPU statistics of the host');
    return await this.#options.driver.with('hostCpuStats').getHostCpuStats({}, options);
  }

  @door({ options: callOptions })
  async resources(context: RequestContext, options?: CallOptions): Promise<HostResources> {
    refuseTenant(context, 'ask for the resources of the host');
    return await this.#options.driver.with('hostResources').getAvailableResource({}, options);
  }

  /** Whether it takes new instances. */
  mode(context: RequestContext): HostMode {
    refuseTenant(checkedContext(context), 'ask for the mode of the host');
    return this.#options.mode.mode;
  }

  /**
   * Afterwards a host that is not `enabled` refuses builds and whatever else would bring an instance to it, with `HOST_DISABLED`. The mode
   * is on record: the next process begins with it, whatever `hostLife.mode` says. A driver that can is told too. Idempotent; on failure the
   * mode stays what it was, but that after `STORE_UNAVAILABLE` the next process may begin with either.
   * @throws ComputeError `INVALID_INPUT`
   */
  @door({ mode: hostMode, options: callOptions })
  async setMode(context: RequestContext, mode: HostMode, options?: CallOptions): Promise<void> {
    refuseTenant(context, 'set the mode of the host');
    const { driver, mode: present } = this.#options;
    if (mode === 'maintenance') driver.with('hostMaintenance');
    const before = present.mode;
    // The record first: should this process die now, the next one tells the hypervisor.
    await present.set(mode, options);
    try {
      if (supports(driver, 'hostMaintenance')) await driver.with('hostMaintenance').setHostMode({ mode }, options);
    } catch (failure) {
      await this.#putBack(before, failure);
      throw failure;
    }
  }

  async #putBack(mode: HostMode, failure: unknown): Promise<void> {
    try {
      await this.#options.mode.set(mode);
    } catch (secondary) {
      suppress(failure, secondary, 'put the mode of the host back');
    }
  }

  /** Guests are not asked first: disable the host and drain it before. @throws ComputeError `INVALID_INPUT` */
  @door({ action: powerAction, options: callOptions })
  async powerAction(context: RequestContext, action: HostPowerAction, options?: CallOptions): Promise<void> {
    refuseTenant(context, 'switch the host');
    const driver = this.#options.driver.with('hostPower');
    await driver.hostPowerAction({ action }, options);
  }

  /** Keeps an image on the host, so that the next build from it is quick. Idempotent. @throws ComputeError `IMAGE_NOT_FOUND` */
  @door({ imageId: shortText, options: callOptions })
  async cacheImage(context: RequestContext, imageId: string, options?: CallOptions): Promise<'cached' | 'existing'> {
    refuseTenant(context, 'cache images');
    const driver = this.#options.driver.with('imageCache');
    const image = await this.#options.providers.images.getImage(imageId, { projectId: context.projectId }, options);
    return await driver.cacheImage({ image }, options);
  }
}

function refuseTenant(context: RequestContext, operation: string): void {
  accessPolicy.require(context, 'administer', operation);
}
