import { Secret, type AcceptedAction, type ComputeService } from '@virtkit/core';
import { admin, tenant } from './fake-compute.js';
import type { Fleet, FleetHost } from './fleet.js';
import { imageId, volumeIds } from './memory-providers.js';

/** The instance that every case is about. */
export const fleetInstance = '11111111-2222-4333-8444-555555555555';

/** What is asked of a service for an instance of one of its hosts. */
export interface FleetCase {
  /** What is accepted and carried out before. */
  readonly before?: readonly Ask[];
  /** What is under way meanwhile. */
  readonly during?: Ask;
  readonly ask: (service: ComputeService, host: FleetHost, fleet: Fleet) => Promise<unknown>;
  /** Whose driver is asked: that of the instance's host, nobody's, because the record says it, or both, for it moves. */
  readonly asks: 'its host' | 'nobody' | 'both hosts';
}

type Ask = (service: ComputeService, host: FleetHost, fleet: Fleet) => Promise<AcceptedAction>;

export const otherHost = (host: FleetHost): FleetHost => (host === 'alpha' ? 'beta' : 'alpha');

const uuid = fleetInstance;
const [volumeId, newVolumeId] = volumeIds;
const large = { name: 'large', vcpus: 2, memoryMib: 256, rootDiskGib: 2 };

const itsHost = (ask: FleetCase['ask'], ...before: readonly Ask[]): FleetCase => ({ ask, before, asks: 'its host' });
const nobody = (ask: FleetCase['ask'], ...before: readonly Ask[]): FleetCase => ({ ask, before, asks: 'nobody' });
const bothHosts = (ask: FleetCase['ask'], ...before: readonly Ask[]): FleetCase => ({
  ask,
  before,
  asks: 'both hosts',
});

const stop: Ask = ({ api }) => api.stop(tenant, uuid);
const pause: Ask = ({ api }) => api.pause(tenant, uuid);
const suspend: Ask = ({ api }) => api.suspend(tenant, uuid);
const softDelete: Ask = ({ api }) => api.softDelete(tenant, uuid);
const shelve: Ask = ({ api }) => api.images.shelve(tenant, uuid, {});
const offload: Ask = ({ api }) => api.images.shelveOffload(admin, uuid);
const rescue: Ask = ({ api }) => api.repair.rescue(tenant, uuid, { imageId });
const quiesce: Ask = ({ api }) => api.guest.quiesce(tenant, uuid);
const resize: Ask = ({ api }, host) =>
  api.moves.resize(admin, uuid, { flavor: large, destinationHost: otherHost(host) });
const liveMigrate: Ask = ({ api }, host) => api.moves.liveMigrate(admin, uuid, { destinationHost: otherHost(host) });

/** A live migration of a guest that writes faster than the link carries away what it writes. */
const endless: Ask = (service, host, fleet) => {
  fleet.hypervisors[host].setDirtyRate(uuid, Infinity);
  return liveMigrate(service, host, fleet);
};

/** Lets the host of an instance die: its process ends, and its power goes off. */
async function loseHost(host: FleetHost, { hosts, hypervisors, settled }: Fleet): Promise<void> {
  await settled(hosts[host].close());
  hypervisors[host].switchOff();
}

const onHost = (
  ask: (operator: ComputeService['operator'], options: { readonly host: FleetHost }) => Promise<unknown>,
): FleetCase => itsHost(({ operator }, host) => ask(operator, { host }));

/** The newest action of the instance. */
async function buildAction({ api }: ComputeService): Promise<string> {
  const [action] = await api.listActions(tenant, uuid);
  if (!action) throw new Error('the instance was built by an action');
  return action.uuid;
}

/** Every method of the API by its name in the API report. */
export const fleetCases: Readonly<Record<string, FleetCase>> = {
  'ComputeApi.create': nobody(({ api }) => api.get(tenant, uuid)),
  'ComputeApi.delete': itsHost(({ api }) => api.delete(tenant, uuid)),
  'ComputeApi.softDelete': itsHost(softDelete),
  'ComputeApi.restore': itsHost(({ api }) => api.restore(tenant, uuid), softDelete),
  'ComputeApi.forceStop': itsHost(({ api }) => api.forceStop(tenant, uuid)),
  'ComputeApi.start': itsHost(({ api }) => api.start(tenant, uuid), stop),
  'ComputeApi.stop': itsHost(stop),
  'ComputeApi.pause': itsHost(pause),
  'ComputeApi.unpause': itsHost(({ api }) => api.unpause(tenant, uuid), pause),
  'ComputeApi.suspend': itsHost(suspend),
  'ComputeApi.resume': itsHost(({ api }) => api.resume(tenant, uuid), suspend),
  'ComputeApi.reboot': itsHost(({ api }) => api.reboot(tenant, uuid, 'HARD')),
  'ComputeApi.lock': nobody(({ api }) => api.lock(tenant, uuid)),
  'ComputeApi.unlock': nobody(({ api }) => api.unlock(tenant, uuid)),
  'ComputeApi.get': nobody(({ api }) => api.get(tenant, uuid)),
  'ComputeApi.list': nobody(({ api }) => api.list(tenant)),
  'ComputeApi.listActions': nobody(({ api }) => api.listActions(tenant, uuid)),
  'ComputeApi.listFaults': nobody(({ api }) => api.listFaults(tenant, uuid)),
  'ComputeApi.getConsoleOutput': itsHost(({ api }) => api.getConsoleOutput(tenant, uuid)),
  'ComputeApi.diagnostics': itsHost(({ api }) => api.diagnostics(admin, uuid)),
  'ComputeApi.getAction': nobody(async (service) => service.api.getAction(tenant, await buildAction(service))),
  'ComputeApi.follow': nobody(async (service) => service.api.follow(tenant, await buildAction(service))),
  'ComputeApi.cancel': nobody(async (service) => service.api.cancel(tenant, await buildAction(service))),
  'ConsolesApi.create': itsHost(({ api }) => api.consoles.create(tenant, uuid, 'vnc')),
  'GuestApi.setAdminPassword': itsHost(({ api }) => api.guest.setAdminPassword(tenant, uuid, new Secret('new'))),
  'GuestApi.triggerCrashDump': itsHost(({ api }) => api.guest.triggerCrashDump(tenant, uuid)),
  'GuestApi.quiesce': itsHost(quiesce),
  'GuestApi.unquiesce': itsHost(({ api }) => api.guest.unquiesce(tenant, uuid), quiesce),
  'ImagesApi.snapshot': itsHost(({ api }) => api.images.snapshot(tenant, uuid, { name: 'x' })),
  'ImagesApi.backup': itsHost(({ api }) =>
    api.images.backup(tenant, uuid, { name: 'x', backupType: 'daily', rotation: 2 }),
  ),
  'ImagesApi.shelve': itsHost(shelve),
  'ImagesApi.shelveOffload': itsHost(offload, shelve),
  'ImagesApi.unshelve': itsHost(({ api }) => api.images.unshelve(tenant, uuid), shelve, offload),
  'InterfacesApi.attach': itsHost(({ api }) => api.interfaces.attach(tenant, uuid, {})),
  'InterfacesApi.detach': itsHost(async ({ api }, _host, { store }) => {
    const [first] = (await store.getInstance(uuid)).networkInterfaces;
    if (!first) throw new Error('the instance was built with an interface');
    return await api.interfaces.detach(tenant, uuid, first.id);
  }),
  'InterfacesApi.injectNetworkInfo': itsHost(({ api }) => api.interfaces.injectNetworkInfo(admin, uuid)),
  'MovesApi.resize': bothHosts(resize),
  'MovesApi.migrate': bothHosts(({ api }, host) =>
    api.moves.migrate(admin, uuid, { destinationHost: otherHost(host) }),
  ),
  'MovesApi.confirmResize': bothHosts(({ api }) => api.moves.confirmResize(tenant, uuid), resize),
  'MovesApi.revertResize': bothHosts(({ api }) => api.moves.revertResize(tenant, uuid), resize),
  'MovesApi.liveMigrate': bothHosts(liveMigrate),
  'MovesApi.abortLiveMigration': {
    ...bothHosts(({ api }) => api.moves.abortLiveMigration(admin, uuid)),
    during: endless,
  },
  'MovesApi.forceCompleteLiveMigration': {
    ...bothHosts(({ api }) => api.moves.forceCompleteLiveMigration(admin, uuid)),
    during: endless,
  },
  'MovesApi.evacuate': bothHosts(async ({ api }, host, fleet) => {
    await loseHost(host, fleet);
    return await api.moves.evacuate(admin, uuid, { destinationHost: otherHost(host) });
  }),
  'RepairApi.rescue': itsHost(rescue),
  'RepairApi.unrescue': itsHost(({ api }) => api.repair.unrescue(tenant, uuid), rescue),
  'RepairApi.rebuild': itsHost(({ api }) => api.repair.rebuild(tenant, uuid, { imageId })),
  'VolumesApi.attach': itsHost(({ api }) => api.volumes.attach(tenant, uuid, { volumeId: newVolumeId })),
  'VolumesApi.detach': itsHost(({ api }) => api.volumes.detach(tenant, uuid, volumeId)),
  'VolumesApi.swap': itsHost(({ api }) => api.volumes.swap(admin, uuid, { volumeId, newVolumeId })),
  'VolumesApi.extend': itsHost(({ api }) => api.volumes.extend(admin, uuid, { volumeId, sizeMib: 4_096 })),
  'VolumesApi.createSnapshot': itsHost(({ api }) => api.volumes.createSnapshot(admin, uuid, volumeId)),
  'VolumesApi.deleteSnapshot': itsHost(
    ({ api }) => api.volumes.deleteSnapshot(admin, uuid, { volumeId, snapshotId: 'x' }),
    ({ api }) => api.volumes.createSnapshot(admin, uuid, volumeId),
  ),
  'OperatorApi.getInstance': nobody(({ operator }) => operator.getInstance(admin, uuid)),
  'OperatorApi.listInstances': nobody(({ operator }) => operator.listInstances(admin)),
  'OperatorApi.listFaults': nobody(({ operator }) => operator.listFaults(admin, uuid)),
  'OperatorApi.listEvents': nobody(async (service) => service.operator.listEvents(admin, await buildAction(service))),
  'OperatorApi.listNotifications': nobody(({ operator }) =>
    operator.listNotifications(admin, { afterSequence: 0, countMax: 10 }),
  ),
  'OperatorApi.resetState': itsHost(({ operator }) => operator.resetState(admin, uuid, 'active')),
  'OperatorApi.inspect': itsHost(({ operator }) => operator.inspect(admin, uuid)),
  'OperatorApi.health': { ...onHost((operator, options) => operator.health(admin, options)), asks: 'nobody' },
  'OperatorApi.hostUsage': onHost((operator, options) => operator.hostUsage(admin, options)),
  'OperatorConsoles.validate': itsHost(async ({ api, operator }) => {
    const { token } = await api.consoles.create(tenant, uuid, 'vnc');
    return await operator.consoles.validate(admin, token);
  }),
  'HostOperator.list': nobody(({ operator }) => operator.host.list(admin)),
  'HostOperator.uptimeMs': onHost(({ host }, options) => host.uptimeMs(admin, options)),
  'HostOperator.cpuStats': onHost(({ host }, options) => host.cpuStats(admin, options)),
  'HostOperator.resources': onHost(({ host }, options) => host.resources(admin, options)),
  'HostOperator.mode': { ...onHost(({ host }, options) => host.mode(admin, options)), asks: 'nobody' },
  'HostOperator.setMode': onHost(({ host }, options) => host.setMode(admin, 'disabled', options)),
  'HostOperator.powerAction': onHost(({ host }, options) => host.powerAction(admin, 'reboot', options)),
  'HostOperator.cacheImage': onHost(({ host }, options) => host.cacheImage(admin, imageId, options)),
};
