import type { OperationName } from '@virtkit/core';
import type { DriverCapabilities } from '@virtkit/core/driver';
import type { DriverMethod, FaultPlan } from '@virtkit/driver-fake';
import { askedOfDrivers } from './asked-of-drivers.js';
import { driverWith } from './driver-with.js';
import type { FakeComputeParts } from './fake-compute.js';
import { allMoveStories } from './further-move-stories.js';
import { providedCompute, volumeIds, type ProvidedCompute } from './memory-providers.js';
import { nothing, resized, type MoveStory } from './move-stories.js';
import { ended, ownerContext } from './running-instance.js';
import { storyNames, storyOf } from './stories/all-stories.js';
import { instanceUuid } from './stories/story.js';
import { hostNames, perform, twoHosts, type TwoHosts, type TwoHostsParts } from './two-hosts.js';

/** What goes wrong with the operation: the nth of a driver's calls fails when it has done its work. */
interface FailingCall {
  readonly at: DriverMethod;
  readonly nth: number;
}

/** An operation as it was carried out, and what drivers were asked meanwhile, those of both ends of a move. */
export interface CarriedOut {
  readonly operation: OperationName;
  readonly state: string;
  readonly calls: readonly DriverMethod[];
}

/** One way to carry an operation out, on hosts of its own. */
export interface DriverCallRun {
  readonly title: string;
  readonly carryOut: (failing?: FailingCall) => Promise<CarriedOut>;
}

type Act = (fake: ProvidedCompute) => Promise<unknown>;

/** On one host: what happens before, by the names of stories or by hand, and what is then asked. */
function onOneHost(title: string, before: readonly (string | Act)[], act: Act, parts: FakeComputeParts = {}) {
  return {
    title,
    carryOut: async (failing?: FailingCall): Promise<CarriedOut> => {
      await using fake = await providedCompute(parts);
      for (const earlier of before) await (typeof earlier === 'string' ? begun(earlier)(fake) : earlier(fake));
      const asked = askedOfDrivers([fake.hypervisor]);
      plan(fake.hypervisor.faults, failing);
      await act(fake);
      return { ...(await newestAction(fake)), calls: [...asked] };
    },
  };
}

/** Between two hosts; a delete of what is on its way is one, too. */
function betweenHosts(
  { name, before, leader, begin }: MoveStory,
  { first = nothing, ...parts }: TwoHostsParts & { readonly first?: MoveStory['before'] } = {},
) {
  return {
    title: name,
    carryOut: async (failing?: FailingCall): Promise<CarriedOut> => {
      await using hosts = await twoHosts(parts);
      await first(hosts);
      await before(hosts);
      const hypervisors = hostNames.map((host) => hosts.datacenter.host(host));
      const asked = askedOfDrivers(hypervisors);
      for (const { faults } of hypervisors) plan(faults, failing);
      const fake = leader(hosts);
      await perform(fake, (context) => begin(fake, context), 'admin');
      return { ...(await newestAction(hosts)), calls: [...asked] };
    },
  };
}

function plan(faults: FaultPlan, failing: FailingCall | undefined): void {
  if (failing) faults.add({ ...failing, fault: { type: 'throw', error: new Error('no word of it'), when: 'after' } });
}

const begun =
  (name: string): Act =>
  async (fake) =>
    await ended(fake, storyOf(name).begin(fake, ownerContext()));

async function newestAction({ store }: Pick<ProvidedCompute, 'store'>): Promise<Omit<CarriedOut, 'calls'>> {
  const [action] = await store.listActions(instanceUuid);
  if (!action) throw new Error('nothing was done to the instance');
  return { operation: action.operation, state: action.state };
}

/** Another service says that the guest's power has changed. */
const power =
  (tag: 'POWER_ON' | 'POWER_OFF'): Act =>
  async (fake) => {
    const event = { name: 'power-update', tag, instanceUuid, status: 'completed' } as const;
    await fake.settled(fake.compute.deliverAll([event]));
    await fake.clock.advance(1_000);
  };

const lose: Act = (fake) => Promise.resolve(fake.hypervisor.loseGuest(instanceUuid));

const without = (capability: keyof DriverCapabilities): FakeComputeParts => ({
  definition: driverWith((all) => ({ ...all, [capability]: { unsupportedBecause: 'of this test' } })),
});

const attach: Act = async (fake) =>
  await ended(fake, fake.compute.api.volumes.attach(ownerContext(), instanceUuid, { volumeId: volumeIds[1] }));
const detach =
  (volumeId: string): Act =>
  async (fake) =>
    await ended(fake, fake.compute.api.volumes.detach(ownerContext(), instanceUuid, volumeId));
const offloaded = ['buildProvided', 'shelve', 'shelveOffload'] as const;

/** What starts a guest, or may: its volumes are connected anew. */
const starting = 'start hardReboot softReboot resume rescue unrescue rebuild restore unshelve'.split(' ');

/** What no story has: the cases that a row of the table tells apart. */
const cases: readonly DriverCallRun[] = [
  onOneHost('softDelete, where the driver does not hide guests', ['build'], begun('softDelete'), without('softDelete')),
  onOneHost('restore, where it does not', ['build', 'softDelete'], begun('restore'), without('softDelete')),
  onOneHost('rebuild, where the driver does not', ['build'], begun('rebuild'), without('rebuild')),
  onOneHost('rebuild of a guest that is off', ['build', 'stop'], begun('rebuild')),
  onOneHost('rebuild of a guest that is lost', ['build', lose], begun('rebuild')),
  onOneHost('stop, as another service reports', ['build'], power('POWER_OFF')),
  onOneHost('start, as another service reports', ['build', 'stop'], power('POWER_ON')),
  onOneHost('snapshot of a guest that goes on', ['build'], (fake) =>
    ended(fake, fake.compute.api.images.snapshot(ownerContext(), instanceUuid, { name: 'now', quiesce: 'never' })),
  ),
  onOneHost('backup of a guest that is held still', ['build'], (fake) =>
    ended(
      fake,
      fake.compute.api.images.backup(ownerContext(), instanceUuid, {
        name: 'now',
        backupType: 'daily',
        rotation: 1,
        quiesce: 'require',
      }),
    ),
  ),
  onOneHost('volumeSnapshotDelete of one that is gone', ['buildProvided'], async (fake) => {
    const context = { ...ownerContext(), role: 'admin' as const };
    const gone = { volumeId: volumeIds[0], snapshotId: '00000000-0000-4000-8000-00000000dead' };
    return await ended(fake, fake.compute.api.volumes.deleteSnapshot(context, instanceUuid, gone));
  }),
  ...starting.map((name) => {
    const before = storyOf(name).before.map((earlier) => (earlier === 'build' ? 'buildProvided' : earlier));
    return onOneHost(`${name} with a volume`, before, begun(name));
  }),
  onOneHost('shelveOffload with a volume', offloaded.slice(0, 2), begun('shelveOffload')),
  onOneHost('unshelve of an offloaded one with a volume', offloaded, begun('unshelve')),
  onOneHost('attachVolume to an offloaded one', offloaded, attach),
  onOneHost('detachVolume from an offloaded one', [...offloaded, attach], detach(volumeIds[1])),
];

const withoutVolumes = ({ alpha }: TwoHosts) =>
  perform(alpha, (context) => alpha.compute.api.volumes.detach(context, instanceUuid, volumeIds[0]));

/** Those that end by themselves: what ends another is a request of its own. */
const moves = allMoveStories.filter(({ meanwhile }) => meanwhile === undefined);

const deleteOfResized: MoveStory = {
  name: 'terminate of what was resized',
  before: resized('beta'),
  leader: ({ beta }) => beta,
  begin: ({ compute }, context) => compute.api.delete(context, instanceUuid),
};

/** Every operation, in every case that its row of the table tells apart. */
export const driverCallRuns: readonly DriverCallRun[] = [
  ...storyNames.map((name) => onOneHost(name, storyOf(name).before, begun(name))),
  ...cases,
  ...[...moves, deleteOfResized].map((story) => betweenHosts(story)),
  ...moves.map((story) =>
    betweenHosts({ ...story, name: `${story.name}, without volumes` }, { first: withoutVolumes }),
  ),
  ...moves.map((story) => betweenHosts({ ...story, name: `${story.name}, with shared disks` }, { storage: 'shared' })),
];
