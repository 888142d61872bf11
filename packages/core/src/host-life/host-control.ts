import { suppress, supports, type CallOptions, type HostCpuStats, type HostResources } from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { Providers } from '../guard/providers.js';
import type { HostMode } from '../model/host-record.js';
import type { CacheImageCall, HostCalls, PowerActionCall, SetModeCall } from '../peers/host-calls.js';
import type { HostModeSwitch } from '../records/host-mode.js';

export interface HostControlDeps {
  readonly driver: GuestDriver;
  readonly providers: Providers;
  readonly mode: HostModeSwitch;
}

type ControlCalls = Pick<
  HostCalls,
  'uptimeMs' | 'cpuStats' | 'resources' | 'mode' | 'setMode' | 'powerAction' | 'cacheImage'
>;

/** What is asked of the host itself, and not of a guest. `NOT_SUPPORTED` with the reason where the driver cannot. */
export class HostControl implements ControlCalls {
  readonly #deps: HostControlDeps;

  constructor(deps: HostControlDeps) {
    this.#deps = deps;
  }

  async uptimeMs(_request: object, options?: CallOptions): Promise<number> {
    return await this.#deps.driver.with('hostUptime').getHostUptimeMs({}, options);
  }

  async cpuStats(_request: object, options?: CallOptions): Promise<HostCpuStats> {
    return await this.#deps.driver.with('hostCpuStats').getHostCpuStats({}, options);
  }

  async resources(_request: object, options?: CallOptions): Promise<HostResources> {
    return await this.#deps.driver.with('hostResources').getAvailableResource({}, options);
  }

  mode(): Promise<HostMode> {
    return Promise.resolve(this.#deps.mode.mode);
  }

  async setMode({ mode }: SetModeCall, options?: CallOptions): Promise<void> {
    const { driver, mode: present } = this.#deps;
    if (mode === 'maintenance') driver.with('hostMaintenance');
    const before = present.mode;
    // The record first: if this process dies now, the next one tells the hypervisor.
    await present.set(mode, options);
    try {
      if (supports(driver, 'hostMaintenance')) await driver.with('hostMaintenance').setHostMode({ mode }, options);
    } catch (failure) {
      await this.#putBack(before, failure);
      throw failure;
    }
  }

  async powerAction({ action }: PowerActionCall, options?: CallOptions): Promise<void> {
    await this.#deps.driver.with('hostPower').hostPowerAction({ action }, options);
  }

  async cacheImage({ context, imageId }: CacheImageCall, options?: CallOptions): Promise<'cached' | 'existing'> {
    const driver = this.#deps.driver.with('imageCache');
    const { projectId } = context;
    const image = await this.#deps.providers.images.getImage(imageId, { projectId }, options);
    return await driver.cacheImage({ image }, options);
  }

  async #putBack(mode: HostMode, failure: unknown): Promise<void> {
    try {
      await this.#deps.mode.set(mode);
    } catch (secondary) {
      suppress(failure, secondary, 'put the mode of the host back');
    }
  }
}
