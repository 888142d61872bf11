import { z } from 'zod';
import { checkedRequest } from '../api/checked-request.js';
import {
  ComputeError,
  supports,
  type CallOptions,
  type HostCpuStats,
  type HostPowerAbility,
  type HostResources,
} from '../driver/index.js';
import type { GuardedDriver } from '../guard/guarded-driver.js';
import type { Providers } from '../manager/providers.js';
import type { RequestContext } from '../model/request-context.js';
import { hostModes, type HostMode, type HostModeSwitch } from './host-mode.js';

export interface HostOperatorOptions {
  readonly driver: GuardedDriver;
  readonly providers: Providers;
  readonly mode: HostModeSwitch;
}

export type HostPowerAction = Parameters<HostPowerAbility['hostPowerAction']>[0];

const powerActions = ['reboot', 'shutdown', 'startup'] as const satisfies readonly HostPowerAction[];
const modeSchema = z.enum(hostModes, { error: () => hostModes.join(', ') });
const powerActionSchema = z.enum(powerActions, { error: () => powerActions.join(', ') });

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
  async uptimeMs(context: RequestContext, options?: CallOptions): Promise<number> {
    refuseTenant(context, 'ask for the uptime of the host');
    return await this.#options.driver.with('hostUptime').getHostUptimeMs(options);
  }

  async cpuStats(context: RequestContext, options?: CallOptions): Promise<HostCpuStats> {
    refuseTenant(context, 'ask for the CPU statistics of the host');
    return await this.#options.driver.with('hostCpuStats').getHostCpuStats(options);
  }

  async resources(context: RequestContext, options?: CallOptions): Promise<HostResources> {
    refuseTenant(context, 'ask for the resources of the host');
    return await this.#options.driver.with('hostResources').getAvailableResource(options);
  }

  /** Whether it takes new instances. */
  mode(context: RequestContext): HostMode {
    refuseTenant(context, 'ask for the mode of the host');
    return this.#options.mode.mode;
  }

  /**
   * Afterwards a host that is not `enabled` refuses builds and whatever else would bring an instance to it, with `HOST_DISABLED`. It is this
   * process's: a new one begins with `hostLife.mode`. A driver that can is told too. Idempotent; on failure the mode stays what it was.
   * @throws ComputeError `INVALID_INPUT`
   */
  async setMode(context: RequestContext, mode: HostMode, options?: CallOptions): Promise<void> {
    refuseTenant(context, 'set the mode of the host');
    const { driver, mode: present } = this.#options;
    const checked = (await checkedRequest(z.object({ mode: modeSchema }), { mode })).mode;
    // The hypervisor first: whoever is told that it failed finds everything as it was.
    if (supports(driver, 'hostMaintenance')) await driver.with('hostMaintenance').setHostMode(checked, options);
    else if (checked === 'maintenance') driver.with('hostMaintenance');
    present.set(checked);
  }

  /** Guests are not asked first: disable the host and drain it before. @throws ComputeError `INVALID_INPUT` */
  async powerAction(context: RequestContext, action: HostPowerAction, options?: CallOptions): Promise<void> {
    refuseTenant(context, 'switch the host');
    const driver = this.#options.driver.with('hostPower');
    const checked = await checkedRequest(z.object({ action: powerActionSchema }), { action });
    await driver.hostPowerAction(checked.action, options);
  }

  /** Keeps an image on the host, so that the next build from it is quick. Idempotent. @throws ComputeError `IMAGE_NOT_FOUND` */
  async cacheImage(context: RequestContext, imageId: string, options?: CallOptions): Promise<'cached' | 'existing'> {
    refuseTenant(context, 'cache images');
    const driver = this.#options.driver.with('imageCache');
    const image = await this.#options.providers.images.getImage(imageId, { projectId: context.projectId }, options);
    return await driver.cacheImage(image, options);
  }
}

function refuseTenant({ role }: RequestContext, operation: string): void {
  if (role === 'tenant') throw new ComputeError('FORBIDDEN', { operation });
}
