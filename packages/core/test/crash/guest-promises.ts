import type { Instance } from '@virtkit/core';
import type { Claim } from '../support/promises.js';
import type { Recovered } from './crash-promises.js';
import { instanceIfKnown } from './instance-if-known.js';

/** The record of an instance on one host says what is true of its guest, and the host holds nothing that is nobody's. */
export async function checkGuest({ fleet, instanceUuid, action }: Recovered, claim: Claim): Promise<void> {
  const { guest, disks, vifs, savedMemory, capture } = fleet.fakeOf().hypervisor.look(instanceUuid);
  claim(capture === undefined, 'a capture of the disk is left behind');
  const instance = await instanceIfKnown(fleet.store, instanceUuid);
  if (!instance) {
    claim(!guest && disks.length === 0 && vifs.length === 0, 'something is left of an instance that nobody knows');
    return;
  }
  const { vmState, powerState, host } = instance;
  const state = guest?.state;
  const isOff = state !== 'running' && state !== 'paused';
  const truths: Partial<Record<Instance['vmState'], boolean>> = {
    active: state === 'running' && guest?.bootsFrom === 'own-disk',
    paused: state === 'paused',
    stopped: guest !== undefined && isOff && savedMemory === 'absent',
    suspended: guest !== undefined && isOff && savedMemory === 'present',
    rescued: state === 'running' && guest?.bootsFrom === 'rescue-image',
    resized: true,
    shelved: isOff,
    shelved_offloaded: !guest && disks.length === 0,
    'soft-delete': isOff,
    error: action?.state !== 'succeeded',
    deleted: !guest && disks.length === 0 && vifs.length === 0 && savedMemory === 'absent',
  };
  claim(truths[vmState] ?? false, `the vm state is ${vmState} while the guest is ${state ?? 'absent'}`);
  const powers = { running: 'RUNNING', paused: 'PAUSED' } as const;
  const power = state === 'running' || state === 'paused' ? powers[state] : undefined;
  claim(
    power === undefined ? powerState !== 'RUNNING' && powerState !== 'PAUSED' : powerState === power,
    `the power state is ${powerState} while the guest is ${state ?? 'absent'}`,
  );
  const isNowhere = vmState === 'shelved_offloaded';
  claim((host === null) === isNowhere, `the instance is on ${host ?? 'no host'}`);
  claim(!isOff || vifs.length === 0, `a guest that is ${state ?? 'absent'} has left vifs behind`);
}
