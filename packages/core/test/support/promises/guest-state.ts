import type { Instance } from '@virtkit/core';
import type { Claim } from './claim.js';
import type { Happened } from './happened.js';
import { instanceIfKnown } from './instance-if-known.js';

/** The record says what is true of the guest, and the host holds nothing for a guest that cannot use it. */
export async function guestState(happened: Happened, claim: Claim): Promise<void> {
  const { store, instanceUuid, actionUuid, hypervisor } = happened;
  if (!hypervisor) return;
  const { guest, disks, vifs, savedMemory } = hypervisor.look(instanceUuid);
  const instance = await instanceIfKnown(store, instanceUuid);
  if (!instance) {
    claim(!guest && disks.length === 0 && vifs.length === 0, 'something is left of an instance that nobody knows');
    return;
  }
  const { vmState, powerState, host } = instance;
  const action = actionUuid === undefined ? undefined : await store.getAction(actionUuid);
  const state = guest?.state;
  const isOff = state !== 'running' && state !== 'paused';
  const truths: Partial<Record<Instance['vmState'], boolean>> = {
    active: state === 'running' && guest?.bootsFrom === 'own-disk',
    paused: state === 'paused',
    stopped: isOff && savedMemory === 'absent',
    suspended: isOff && savedMemory === 'present',
    rescued: state === 'running' && guest?.bootsFrom === 'rescue-image',
    resized: guest !== undefined,
    shelved: isOff,
    shelved_offloaded: !guest && disks.length === 0,
    'soft-delete': isOff,
    error: action?.state !== 'succeeded',
    deleted: !guest && disks.length === 0 && vifs.length === 0 && savedMemory === 'absent',
  };
  const seen = state ?? 'absent';
  claim(truths[vmState] ?? false, `the vm state is ${vmState} while the guest is ${seen}`);
  const powers = { running: 'RUNNING', paused: 'PAUSED' } as const;
  const power = isOff ? undefined : powers[state];
  const isSaid = power === undefined ? powerState !== 'RUNNING' && powerState !== 'PAUSED' : powerState === power;
  claim(isSaid, `the power state is ${powerState} while the guest is ${seen}`);
  // A deleted instance is on the host where it was deleted, or on none if it was on none then.
  const isHostless = vmState === 'shelved_offloaded' || (vmState === 'deleted' && host === null);
  claim((host === null) === isHostless, `the instance is on ${host ?? 'no host'}`);
  claim(!isOff || vifs.length === 0, `a guest that is ${seen} has left vifs behind`);
  const isBuild = action?.operation === 'build';
  claim(state !== undefined || !isBuild || disks.length === 0, 'an absent guest has left disks behind');
}
