import { ComputeError, MemoryStore, Secret, type AcceptedAction, type ComputeApi } from '@virtkit/core';
import type { StoreWrite } from '@virtkit/core/store';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import {
  admin,
  createRequest,
  quietLife,
  tenant,
  type FakeCompute,
  type FakeComputeParts,
} from './support/fake-compute.js';
import { allMoveStories } from './support/further-move-stories.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import type { MoveStory } from './support/move-stories.js';
import { ended, instanceUuid, tenantText } from './support/running-instance.js';
import { perform, twoHosts } from './support/two-hosts.js';

const [volumeId] = volumeIds;
const words = ['correct horse battery staple', 'the next one'] as const;

type Ask = (api: ComputeApi) => Promise<AcceptedAction>;

const stop: Ask = (api) => api.stop(tenant, instanceUuid);
const rescue: Ask = (api) => api.repair.rescue(tenant, instanceUuid);
const hardReboot: Ask = (api) => api.reboot(tenant, instanceUuid, 'HARD');

/** What starts a guest, and what comes before. */
const starts: readonly (readonly [name: string, before: readonly Ask[], start: Ask])[] = [
  ['a start', [stop], (api) => api.start(tenant, instanceUuid)],
  ['a hard reboot', [], hardReboot],
  ['a hard reboot of a stopped guest', [stop], hardReboot],
  ['a soft reboot', [], (api) => api.reboot(tenant, instanceUuid, 'SOFT')],
  ['a resume', [(api) => api.suspend(tenant, instanceUuid)], (api) => api.resume(tenant, instanceUuid)],
  ['a rescue', [], rescue],
  ['an unrescue', [rescue], (api) => api.repair.unrescue(tenant, instanceUuid)],
  ['a rebuild', [], (api) => api.repair.rebuild(tenant, instanceUuid, { imageId })],
  ['a restore', [(api) => api.softDelete(tenant, instanceUuid)], (api) => api.restore(tenant, instanceUuid)],
  [
    'an unshelve on its host',
    [(api) => api.images.shelve(tenant, instanceUuid)],
    (api) => api.images.unshelve(tenant, instanceUuid),
  ],
  [
    'an unshelve of an offloaded one',
    [(api) => api.images.shelve(tenant, instanceUuid), (api) => api.images.shelveOffload(tenant, instanceUuid)],
    (api) => api.images.unshelve(tenant, instanceUuid),
  ],
];

/** One that takes no secret, as none may be given to it. */
class SecretFreeStore extends MemoryStore {
  override async commit(writes: readonly StoreWrite[]) {
    JSON.stringify(writes, function (this: Record<string, unknown>, key: string, plain: unknown) {
      if (this[key] instanceof Secret) throw new TypeError(`a secret was given to the store, as ${key}`);
      return plain;
    });
    return await super.commit(writes);
  }
}

/** A running instance with an encrypted volume. */
async function withEncrypted(parts: FakeComputeParts = {}): Promise<ProvidedCompute> {
  const clock = new VirtualClock();
  const fake = await providedCompute({ ...parts, clock, store: new SecretFreeStore({ now: () => clock.now() }) });
  fake.volumes.encrypt(volumeId, new Secret(words[0]));
  const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid: instanceUuid });
  const belongings = { imageId, networks: [{}], volumes: [{ volumeId }] };
  const built = await ended(fake, fake.compute.api.create(tenant, { ...request, ...belongings }));
  expect(built).toMatchObject({ state: 'succeeded' });
  expect(passphraseOf(fake)).toBe(words[0]);
  return fake;
}

function moveStoryOf(name: string): MoveStory {
  const found = allMoveStories.find((each) => each.name === name);
  if (!found) throw new Error(`there is no story ${name}`);
  return found;
}

/** What the hypervisor was given last. */
function passphraseOf({ hypervisor }: Pick<FakeCompute, 'hypervisor'>): string | undefined {
  const source = hypervisor.look(instanceUuid).devices?.blockDevices.find(({ id }) => id === volumeId)?.source;
  return source?.type === 'file' ? source.passphrase?.reveal() : undefined;
}

/** Another process looks after the host, which has no word of it; and its provider has a new one. */
async function forgotten(fake: ProvidedCompute): Promise<FakeCompute> {
  await fake.settled(fake.compute.close());
  fake.volumes.encrypt(volumeId, new Secret(words[1]));
  return await fake.restarted();
}

describe('the passphrase of an encrypted volume', () => {
  it.each(starts)('is asked of its provider anew by %s, also in a new process', async (name, before, start) => {
    const first = await withEncrypted();
    for (const ask of before) expect(await ended(first, ask(first.compute.api))).toMatchObject({ state: 'succeeded' });
    await using fake = await forgotten(first);
    first.providerFaults.clearCalls();
    expect(await ended(fake, start(fake.compute.api))).toMatchObject({ state: 'succeeded', failure: null });
    expect(first.providerFaults.calls).toContain('volumes.connect');
    // The simulator goes on from saved memory with the definition that it has.
    if (name !== 'a resume') expect(passphraseOf(fake)).toBe(words[1]);
  });

  it.each(starts)('that cannot be had keeps a guest from %s, and from nothing else', async (_, before, start) => {
    await using fake = await withEncrypted();
    for (const ask of before) await ended(fake, ask(fake.compute.api));
    const recorded = await fake.store.getInstance(instanceUuid);
    const seen = fake.hypervisor.look(instanceUuid).guest?.state;
    const error = new ComputeError('STORE_UNAVAILABLE', {});
    fake.providerFaults.add({ at: 'volumes.connect', times: 'always', fault: { type: 'throw', error } });
    const refused = { state: 'failed', failure: { code: 'STORE_UNAVAILABLE' } };
    expect(await ended(fake, start(fake.compute.api))).toMatchObject(refused);
    const { vmState } = recorded;
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null });
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe(seen);

    fake.providerFaults.clear();
    expect(await ended(fake, start(fake.compute.api))).toMatchObject({ state: 'succeeded' });
  });

  it('is asked anew by the recovery of a hard reboot that was cut off', async () => {
    const first = await withEncrypted();
    const died = Promise.withResolvers<void>();
    first.hypervisor.faults.add({ at: 'start', fault: { type: 'die', die: died.resolve, when: 'before' } });
    const { action } = await first.settled(hardReboot(first.compute.api));
    await first.settled(died.promise);
    first.hypervisor.faults.clear();
    first.volumes.encrypt(volumeId, new Secret(words[1]));
    await using fake = await first.restarted();
    expect(await fake.store.getAction(action.uuid)).toMatchObject({ state: 'succeeded' });
    expect(passphraseOf(fake)).toBe(words[1]);
  });

  it('is asked anew when guests go on after a boot of their host', async () => {
    const hostLife = { ...quietLife, guestsOnHostBoot: 'resume' } as const;
    const first = await withEncrypted({ hostLife });
    first.hypervisor.switchOff();
    first.hypervisor.switchOn();
    await using fake = await forgotten(first);
    await fake.clock.advance(10_000);
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe('running');
    expect(passphraseOf(fake)).toBe(words[1]);
  });

  it.each(['resize to another host', 'cold migration', 'evacuation', 'unshelve on another host'])(
    'reaches the other host by its own provider: %s',
    async (name) => {
      const { before, leader, begin, dead } = moveStoryOf(name);
      await using hosts = await twoHosts({
        store: (clock) => new SecretFreeStore({ now: () => clock.now() }),
        ...(dead && { storage: 'shared' }),
      });
      hosts.volumes.encrypt(volumeId, new Secret(words[1]));
      await before(hosts);
      const fake = leader(hosts);
      const moved = await perform(fake, (context) => begin(fake, context), 'admin');
      expect(moved).toMatchObject({ state: 'succeeded', failure: null });
      expect(await hosts.record()).toMatchObject({ host: 'beta' });
      expect(passphraseOf(hosts.beta)).toBe(words[1]);
    },
  );

  it('stands in no record, no notification and no line of the log', async () => {
    await using fake = await withEncrypted();
    await ended(fake, hardReboot(fake.compute.api));
    const { store, logLines } = fake;
    const notifications = await store.listNotifications({ afterSequence: 0, countMax: 1_000 });
    const kept = [await store.getInstance(instanceUuid), await store.listActions(instanceUuid), notifications];
    const faults = await fake.compute.operator.listFaults(admin, instanceUuid);
    const text = JSON.stringify([kept, faults, logLines]) + (await tenantText(fake));
    expect(text).toContain(volumeId);
    expect(text).not.toContain(words[0]);
  });
});
