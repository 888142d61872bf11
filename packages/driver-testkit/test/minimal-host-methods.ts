import {
  ComputeError,
  type CallOptions,
  type ComputeDriver,
  type ConsoleEndpoint,
  type DriverWith,
  type GuestRequest,
} from '@virtkit/core/driver';
import type { MinimalDriver } from './minimal-driver.js';

export const minimalHostCapabilities = {
  vncConsole: true,
  spiceConsole: true,
  serialConsole: true,
  mksConsole: true,
  adminPassword: true,
  quiesce: true,
  crashDump: true,
  diagnostics: true,
  hostUptime: true,
  hostCpuStats: true,
  hostPower: true,
  hostMaintenance: true,
  resumeOnHostBoot: true,
  powerUpdate: true,
} as const;

type HostMethods = Omit<DriverWith<keyof typeof minimalHostCapabilities>, keyof ComputeDriver>;

/** What the minimal driver does inside guests and with its host. */
export function minimalHostMethods(driver: MinimalDriver): HostMethods {
  const { host } = driver;

  const present = (uuid: string, options: CallOptions = {}) => {
    driver.begin({ signal: options.signal });
    return driver.present(uuid);
  };
  const running = (uuid: string, operation: string, options?: CallOptions) => {
    const guest = present(uuid, options);
    if (guest.state === 'RUNNING') return guest;
    throw new ComputeError('INSTANCE_INVALID_STATE', {
      instanceUuid: uuid,
      operation,
      attribute: 'power state',
      actual: guest.state,
      accepted: ['RUNNING'],
    });
  };
  const withAgent = (uuid: string, options?: CallOptions) => {
    const guest = present(uuid, options);
    if (guest.inside.agent === 'silent') throw new ComputeError('AGENT_UNAVAILABLE', { instanceUuid: uuid });
    return guest.inside;
  };
  const consoleAt =
    (kind: string, firstPort: number) =>
    async ({ instance: { uuid } }: GuestRequest, options?: CallOptions): Promise<ConsoleEndpoint> => {
      const { state, life } = present(uuid, options);
      if (state !== 'RUNNING') throw new ComputeError('CONSOLE_UNAVAILABLE', { instanceUuid: uuid, console: kind });
      return { address: '127.0.0.1', port: firstPort + life };
    };

  return {
    getVncConsole: consoleAt('vnc', 5_900),
    getSpiceConsole: consoleAt('spice', 7_000),
    getSerialConsole: consoleAt('serial', 10_000),
    getMksConsole: consoleAt('mks', 12_000),

    async setAdminPassword({ instance: { uuid }, password }, options) {
      withAgent(uuid, options).adminPassword = password.reveal();
    },
    async quiesce({ instance: { uuid }, freezeMsMax = 10_000 }, options) {
      const inside = withAgent(uuid, options);
      inside.fileSystems = 'frozen';
      driver.environment.clock.after(freezeMsMax, () => (inside.fileSystems = 'writable'));
    },
    async unquiesce({ instance: { uuid } }, options) {
      withAgent(uuid, options).fileSystems = 'writable';
    },
    async triggerCrashDump({ instance: { uuid } }, options) {
      running(uuid, 'triggerCrashDump', options).inside.crashDumpCount += 1;
    },
    async getDiagnostics({ instance: { uuid } }, options) {
      const { state } = running(uuid, 'getDiagnostics', options);
      return {
        powerState: state,
        vcpus: [{ cpuTimeMs: 1 }],
        memory: { maximumMib: 64 },
        disks: [{ id: 'root', readBytes: 512n, writeBytes: 0n }],
        networkInterfaces: [],
      };
    },

    async getHostUptimeMs(_request, options) {
      driver.begin({ signal: options?.signal });
      return Math.floor(performance.now());
    },
    async getHostCpuStats(_request, options) {
      driver.begin({ signal: options?.signal });
      return { kernelMs: 1, userMs: 1, idleMs: performance.now(), iowaitMs: 0, frequencyMhz: 1_000 };
    },
    async hostPowerAction({ action }, options) {
      driver.begin({ signal: options?.signal });
      if (action === 'startup') return;
      for (const uuid of host.guests.keys()) driver.stop(uuid);
    },
    async setHostMode(_request, options) {
      driver.begin({ signal: options?.signal });
    },
    async resumeStateOnHostBoot({ instance }, options) {
      driver.begin({ signal: options?.signal });
      driver.refuseForeign(instance.uuid);
      if (host.own(instance.uuid)?.state !== 'RUNNING') await driver.start(instance);
    },
    async powerUpdateEvent({ instance: { uuid }, target }, options) {
      const { state } = present(uuid, options);
      if (target === 'POWER_OFF') driver.stop(uuid);
      else if (state !== 'RUNNING') host.boot(uuid, 'RUNNING');
    },
  };
}
