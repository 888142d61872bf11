import { brokenBelongings } from './belongings-promises.js';
import { admin } from './fake-compute.js';
import { volumeIds } from './memory-providers.js';
import type { MoveStory } from './move-stories.js';
import { hostNames, instanceUuid, mark, perform, type TwoHosts } from './two-hosts.js';

/**
 * What does not work of the way out of whatever a move has left, once nothing goes wrong any more: an open move is ended, a hard reboot
 * repairs the guest with what was on its disk, and a delete leaves nothing of it anywhere.
 */
export async function moveWayOutProblems(
  story: MoveStory,
  storage: 'own' | 'shared',
  present: TwoHosts,
): Promise<readonly string[]> {
  const hosts = story.dead ? await withPower(story.dead, present) : present;
  try {
    return [...(await repairProblems(story, storage, hosts)), ...(await deleteProblems(hosts))];
  } catch (failure) {
    return [`the way out is barred: ${(failure as Error).message}`];
  } finally {
    await hosts[Symbol.asyncDispose]();
  }
}

/** The dead host is back, with a new manager. */
export async function withPower(host: 'alpha' | 'beta', hosts: TwoHosts): Promise<TwoHosts> {
  hosts.datacenter.host(host).switchOn();
  return { ...hosts, [host]: await hosts.restarted(host) };
}

async function repairProblems(
  story: MoveStory,
  storage: 'own' | 'shared',
  hosts: TwoHosts,
): Promise<readonly string[]> {
  await endOpenMove(hosts);
  const before = await hosts.record();
  const fake = hosts[before.host === 'alpha' ? 'alpha' : 'beta'];
  const { api } = fake.compute;
  const { state, failure } = await perform(fake, (context) =>
    before.vmState === 'shelved_offloaded'
      ? api.images.unshelve(context, instanceUuid)
      : api.reboot(context, instanceUuid, 'HARD'),
  );
  if (state !== 'succeeded') return [`${before.vmState} on ${before.host} is not repaired: ${failure?.message}`];
  const { host } = await hosts.record();
  const runsOn = hosts.datacenter.hostsRunning(instanceUuid);
  if (host === null || runsOn.join() !== host)
    return [`after the repair it runs on ${runsOn.join(' and ')}, not ${host}`];
  const hypervisor = hosts.datacenter.host(host);
  const mayBeNew = story.disk === 'made of an image' && (storage === 'own' || !story.dead);
  const written = hypervisor.look(instanceUuid).disks.flatMap(({ content }) => content.written);
  const { store, networks, volumes } = hosts;
  return [
    ...(networks.hostOf(instanceUuid) === host ? [] : ['the network sends to another host after the repair']),
    ...(mayBeNew || written.includes(mark) ? [] : ['what was on the disk is lost']),
    ...(await brokenBelongings({ store, hypervisor, networks, volumes }, instanceUuid)),
  ];
}

/** A resize that waits is taken back, or confirmed where that was begun. */
async function endOpenMove(hosts: TwoHosts): Promise<void> {
  const { vmState, host } = await hosts.record();
  const [migration] = await hosts.store.listMigrations({ instanceUuid });
  const fake = hosts[host === 'alpha' ? 'alpha' : 'beta'];
  const { moves } = fake.compute.api;
  if (vmState !== 'resized') return;
  const end = migration?.status === 'confirming' ? 'confirmResize' : 'revertResize';
  const { state, failure } = await perform(fake, (context) => moves[end](context, instanceUuid));
  if (state !== 'succeeded') throw new Error(`the resize cannot be ended by ${end}: ${failure?.message}`);
}

async function deleteProblems(hosts: TwoHosts): Promise<readonly string[]> {
  const { host } = await hosts.record();
  const fake = hosts[host === 'alpha' ? 'alpha' : 'beta'];
  const { state, failure } = await perform(fake, (context) => fake.compute.api.delete(context, instanceUuid));
  if (state !== 'succeeded') return [`the instance cannot be deleted: ${failure?.message}`];
  const problems: string[] = [];
  for (const name of hostNames) {
    const left = hosts.leftOn(name);
    if (left.length > 0) problems.push(`after the delete ${name} holds ${left.join(', ')}`);
    const { used } = await hosts[name].compute.operator.hostUsage(admin);
    if (used.memoryMib !== 0) problems.push(`after the delete ${name} counts ${used.memoryMib} MiB`);
  }
  const open = (await hosts.store.listMigrations({ instanceUuid })).filter(({ status }) => !ends.includes(status));
  if (open.length > 0) problems.push(`after the delete a move is ${open[0]?.status}`);
  if (hosts.volumes.attachmentOf(volumeIds[0]) !== null) problems.push('after the delete its volume is not free');
  if (hosts.networks.idsOf(instanceUuid).length > 0) problems.push('after the delete it has interfaces');
  if (hosts.images.ids.length > 1) problems.push('after the delete an image of it is left');
  return problems;
}

const ends = ['completed', 'confirmed', 'reverted', 'failed', 'cancelled'];
