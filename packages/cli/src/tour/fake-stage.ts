import { createCompute, systemClock, type DriverLog } from '@virtkit/core';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { removeInstances } from './remove-instances.js';
import type { Stage } from './stage.js';

/** The kind of words that real hypervisors fail with. */
const hostWords = [
  'rack7-node12.example.net',
  '/var/lib/virtkit/disks/000172.qcow2',
  '198.51.100.23:16509',
  'tok_9f2c51e8d7',
];
const [hostName, diskPath, address, token] = hostWords;
const refusal = `internal error: qemu-system-x86_64[23817] on ${hostName} exited: cannot open ${diskPath}: lock is held by ${address} (auth ${token})`;

const basePath = '/srv/images/debian-13.qcow2';

/** A simulated hypervisor in this process. Needs nothing, leaves nothing. */
export async function openFakeStage({ log }: { readonly log: DriverLog }): Promise<Stage> {
  const hypervisor = new FakeHypervisor({ clock: systemClock, hypervisorHostname: 'rack7-node12' });
  const compute = await createCompute({
    host: 'rack7-node12',
    log,
    // There is one tenant, and it is the tour itself.
    access: { hostResources: 'everybody' },
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  let closing: Promise<readonly string[]> | undefined;
  let strikes = (): number => 0;

  const close = async (): Promise<readonly string[]> => {
    await removeInstances(compute);
    await compute.close();
    hypervisor[Symbol.dispose]();
    return hypervisor.guestUuids().map((uuid) => `guest ${uuid} on the simulated hypervisor`);
  };

  return {
    compute,
    request: {
      name: 'web-1',
      flavor: { name: 'small', vcpus: 1, memoryMib: 512, rootDiskGib: 10 },
      image: { id: 'debian-13', name: 'Debian 13', location: { disk: basePath } },
      networkInterfaces: [
        { type: 'user', id: '5f0c2a7e-4c3b-4b8e-9a55-0d6f7d1f0001', macAddress: '52:54:00:5f:00:01' },
      ],
    },
    words: {
      hypervisor: 'a simulation inside this process (with --driver libvirt it is a real one)',
      failure: 'The hypervisor refuses the next start, in words full of its host: a name, a path, an address, a token.',
      healing: 'The hypervisor has recovered.',
      afterwards: 'The simulated hypervisor knows no guest any more and holds nothing; there was nothing else.',
    },
    hostWords: [...hostWords, basePath],
    bootedLine: undefined,
    breakStart: async () => {
      const planned = hypervisor.faults.add({ at: 'start', fault: { type: 'throw', error: new Error(refusal) } });
      strikes = () => planned.strikes;
    },
    mendStart: async () => {
      if (strikes() !== 1) throw new Error(`the planned fault struck ${strikes()} times instead of once`);
    },
    close: () => (closing ??= close()),
  };
}
