import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ComputeDriver } from '@virtkit/core/driver';
import { libvirtDriver, type LibvirtConfiguration } from '@virtkit/driver-libvirt';
import type { DriverUnderTest } from '@virtkit/driver-testkit';
import { createBridge, deleteBridge } from '@virtkit/libvirt-testbed';
import { bridgeName } from './bridge-name.js';
import { LIFE_ADDRESS, LIFE_NOTED } from './boot-sector.js';
import { instanceSpec } from './instance-spec.js';
import type { RealHost } from './real-host.js';

/** Every guest has a tap on it, so that no guest starts without it. */
export const BRIDGE = bridgeName('conform');

/** The driver on a real libvirtd, with guests that are a boot sector. One host for all rules: each leaves it clean. */
export function conformanceSubject(host: () => RealHost, imagePath: () => string): DriverUnderTest {
  const configurations = new WeakMap<ComputeDriver, LibvirtConfiguration>();
  let interfaceCount = 0;
  let bridge: 'there' | 'missing' = 'there';

  const create = (configuration: LibvirtConfiguration, environment: Parameters<typeof libvirtDriver.create>[1]) => {
    const driver = libvirtDriver.create(configuration, environment);
    configurations.set(driver, configuration);
    return driver;
  };
  const bridgeInterface = (status: 'active' | 'down') => {
    interfaceCount += 1;
    const macAddress = `52:54:00:00:${hexByte(interfaceCount >> 8)}:${hexByte(interfaceCount)}`;
    return { type: 'bridge', bridge: BRIDGE, id: randomUUID(), macAddress, status } as const;
  };
  const mendBridge = async (): Promise<void> => {
    if (bridge === 'missing') await createBridge(BRIDGE);
    bridge = 'there';
  };
  const lifeOf = async (uuid: string): Promise<string> => {
    for (;;) {
      const dump = await host().virsh('qemu-monitor-command', uuid, '--hmp', `xp /3xw ${LIFE_ADDRESS}`);
      const words = dump.match(/0x[0-9a-f]{8}(?=\s|$)/gu) ?? [];
      if (Number(words.at(-1)) === LIFE_NOTED) return words.join(' ');
      await delay(50);
    }
  };

  return {
    capabilities: {
      power: true,
      pause: true,
      suspend: true,
      reboot: true,
      consoleOutput: true,
      hostResources: true,
      vncConsole: { unsupportedBecause: 'the host offers no VNC consoles' },
    },
    ruleTimeoutMs: 60_000,

    createDriver(environment) {
      const stateDirectory = join(host().directory, `instances-${randomUUID()}`);
      return create(host().configuration({ stateDirectory, softRebootTimeoutMs: 500 }), environment);
    },

    instance(overrides) {
      const spec = instanceSpec();
      return {
        ...spec,
        flavor: { ...spec.flavor, memoryMib: 16 },
        image: { ...spec.image, diskFormat: 'raw', location: { disk: imagePath() } },
        networkInterfaces: [bridgeInterface('active')],
        ...overrides,
      };
    },

    async discardHost(driver) {
      await mendBridge();
      for (const name of await host().domainNames()) {
        await host()
          .virsh('destroy', name)
          .catch(() => 'it was off');
        await host()
          .virsh('undefine', name, '--managed-save')
          .catch(() => 'it was transient');
      }
      const stateDirectory = configurations.get(driver)?.stateDirectory;
      if (stateDirectory !== undefined) await rm(stateDirectory, { recursive: true, force: true });
    },

    troubles: {
      secondDriver(driver, environment) {
        const configuration = configurations.get(driver);
        if (configuration === undefined) throw new Error('the suite gives a driver that this subject has not made');
        return create(configuration, environment);
      },
      async breakStart() {
        await deleteBridge(BRIDGE);
        bridge = 'missing';
        return { hostWords: [BRIDGE], heal: mendBridge };
      },
      async loseGuest(_driver, uuid) {
        await host()
          .virsh('destroy', uuid)
          .catch(() => 'it was off');
        await host().virsh('undefine', uuid, '--managed-save');
      },
      async foreignGuest() {
        const uuid = randomUUID();
        const path = join(host().directory, 'foreign.xml');
        await writeFile(path, foreignXml(uuid));
        await host().virsh('create', path);
        const id = await host().virsh('domid', uuid);
        const look = async () => {
          const now = await host()
            .virsh('domid', uuid)
            .catch(() => 'gone');
          const state = await host()
            .virsh('domstate', uuid)
            .catch(() => 'gone');
          return now === id && state === 'running' ? 'untouched' : 'touched';
        };
        return { uuid, look };
      },
      async stopFromInside(_driver, uuid) {
        await lifeOf(uuid);
        await host().virsh('send-key', uuid, 'KEY_ENTER');
      },
      async restartHypervisor() {
        await host().daemon.kill('SIGKILL');
        await host().daemon.start();
      },
      ignoreShutdown() {
        // The boot sector never listens.
      },
      lifeOf: (_driver, uuid) => lifeOf(uuid),
      downInterface: () => bridgeInterface('down'),
    },
  };
}

function hexByte(value: number): string {
  return (value & 0xff).toString(16).padStart(2, '0');
}

function foreignXml(uuid: string): string {
  return `<domain type='qemu'>
  <name>foreign-${uuid}</name>
  <uuid>${uuid}</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
</domain>`;
}
