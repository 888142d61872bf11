import { describe, expect, it } from 'vitest';
import { hostDied } from './support/dead-host.js';
import { admin } from './support/fake-compute.js';
import { instanceUuid, perform, twoHosts } from './support/two-hosts.js';

const running = ['guest running', 'disk', 'vif'];

describe.each(['own', 'shared'] as const)('an evacuation with %s storage', (storage) => {
  it('brings the instance back elsewhere, and the old host removes its copy when it returns', async () => {
    const hosts = await hostDied({ storage });
    const { beta } = hosts;

    const action = await perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');

    expect(action.failure).toBeNull();
    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active', taskState: null });
    expect(hosts.leftOn('beta')).toEqual(running);
    expect(await hosts.status()).toBe('finished');

    hosts.datacenter.host('alpha').switchOn();
    await using _alpha = await hosts.restarted('alpha');

    expect(hosts.leftOn('alpha')).toEqual([]);
    expect(hosts.leftOn('beta')).toEqual(running);
    expect(await hosts.status()).toBe('completed');
  });

  it('gives the guest there a new generation; the old host destroys its old one, and keeps disks that are shared', async () => {
    const hosts = await hostDied({ storage });
    const { beta } = hosts;
    const { generation: before } = await hosts.record();
    const action = await perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');
    expect((await hosts.record()).generation).toBe(action.uuid);
    const guestAt = (host: 'alpha' | 'beta') =>
      hosts.datacenter.host(host).look(instanceUuid).guest?.definition.generation;
    hosts.datacenter.host('alpha').switchOn();
    expect([guestAt('alpha'), guestAt('beta')]).toEqual([before, action.uuid]);

    await using _alpha = await hosts.restarted('alpha');

    expect([guestAt('alpha'), guestAt('beta')]).toEqual([undefined, action.uuid]);
    expect(hosts.leftOn('beta')).toEqual(running);
  });

  it('that fails leaves the record with the generation of the guest on its old host', async () => {
    const hosts = await hostDied({ storage });
    const { beta } = hosts;
    const { generation: before } = await hosts.record();
    hosts.datacenter.host('beta').faults.add({ at: 'start', fault: { type: 'throw', error: new Error('no') } });
    await perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');
    expect(await hosts.record()).toMatchObject({ host: 'alpha', generation: before, taskState: null });
  });
});

describe('an evacuation', () => {
  it('is refused while the manager of the host lives', async () => {
    await using hosts = await twoHosts();

    await expect(hosts.beta.compute.api.moves.evacuate(admin, instanceUuid)).rejects.toMatchObject({
      code: 'HOST_TAKEN',
    });

    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active', taskState: null });
  });

  it('that fails leaves nothing, and may be tried again', async () => {
    const hosts = await hostDied({ storage: 'shared' });
    const { beta } = hosts;
    hosts.datacenter.host('beta').faults.add({ at: 'start', fault: { type: 'throw', error: new Error('no') } });
    const evacuate = () => perform(beta, (context) => beta.compute.api.moves.evacuate(context, instanceUuid), 'admin');

    expect(await evacuate()).toMatchObject({ state: 'failed' });
    expect(hosts.leftOn('beta')).toEqual([]);
    expect(await hosts.record()).toMatchObject({ host: 'alpha', taskState: null });
    expect(await hosts.status()).toBe('failed');

    expect(await evacuate()).toMatchObject({ state: 'succeeded' });
    expect(hosts.leftOn('beta')).toEqual(running);
  });
});
