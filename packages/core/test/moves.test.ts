import { describe, expect, it } from 'vitest';
import { admin } from './support/fake-compute.js';
import { instanceUuid, large, perform, twoHosts } from './support/two-hosts.js';

const storages = ['own', 'shared'] as const;
const running = ['guest running', 'disk', 'vif'];
const small = { vcpus: 1, memoryMib: 128, diskGib: 1 };
const none = { vcpus: 0, memoryMib: 0, diskGib: 0 };

describe.each(storages)('moves between hosts with %s storage', (storage) => {
  it('gives an instance another flavor on another host, and confirms it', async () => {
    await using hosts = await twoHosts({ storage });
    const { alpha, beta } = hosts;

    const action = await perform(
      alpha,
      (context) => alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large, destinationHost: 'beta' }),
      'admin',
    );

    expect(action.failure).toBeNull();
    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'resized', taskState: null, flavor: large });
    expect(hosts.datacenter.hostsRunning(instanceUuid)).toEqual(['beta']);
    expect(hosts.leftOn('alpha')).toEqual(['kept disk']);
    expect(await hosts.status()).toBe('finished');
    expect(await alpha.compute.operator.hostUsage(admin)).toMatchObject({ used: small });

    expect(await perform(beta, (context) => beta.compute.api.moves.confirmResize(context, instanceUuid))).toMatchObject(
      { state: 'succeeded' },
    );
    expect(hosts.leftOn('alpha')).toEqual([]);
    expect(hosts.leftOn('beta')).toEqual(running);
    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active', powerState: 'RUNNING' });
    expect(await hosts.status()).toBe('confirmed');
    expect(await alpha.compute.operator.hostUsage(admin)).toMatchObject({ used: none });
    expect(await beta.compute.operator.hostUsage(admin)).toMatchObject({
      used: { vcpus: 2, memoryMib: 256, diskGib: 2 },
    });
  });

  it('reverts a resize to the old host and flavor', async () => {
    await using hosts = await twoHosts({ storage });
    const { alpha, beta } = hosts;
    const before = (await hosts.record()).flavor;
    await perform(
      alpha,
      (context) => alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large, destinationHost: 'beta' }),
      'admin',
    );

    const action = await perform(beta, (context) => beta.compute.api.moves.revertResize(context, instanceUuid));

    expect(action.failure).toBeNull();
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active', flavor: before, taskState: null });
    expect(hosts.leftOn('alpha')).toEqual(running);
    expect(hosts.leftOn('beta')).toEqual([]);
    expect(await hosts.status()).toBe('reverted');
    expect(await beta.compute.operator.hostUsage(admin)).toMatchObject({ used: none });
  });

  it('moves a running guest without stopping it', async () => {
    await using hosts = await twoHosts({ storage, bandwidthMibPerS: 100 });
    const { alpha, beta } = hosts;
    const { life } = hosts.datacenter.host('alpha').look(instanceUuid).guest ?? {};

    const action = await perform(
      alpha,
      (context) => alpha.compute.api.moves.liveMigrate(context, instanceUuid, { destinationHost: 'beta' }),
      'admin',
    );

    expect(action.failure).toBeNull();
    expect(action.progress?.totalMib).toBeGreaterThan(0);
    expect(await hosts.record()).toMatchObject({ host: 'beta', vmState: 'active', taskState: null });
    expect(hosts.leftOn('alpha')).toEqual([]);
    expect(hosts.leftOn('beta')).toEqual(running);
    expect(hosts.datacenter.host('beta').look(instanceUuid).guest?.life).toBe(life);
    expect(await hosts.status()).toBe('completed');
    expect(await alpha.compute.operator.hostUsage(admin)).toMatchObject({ used: none });
    expect(await beta.compute.operator.hostUsage(admin)).toMatchObject({ used: small });
  });
});

describe('a resize on one host', () => {
  it.each(['confirmResize', 'revertResize'] as const)('is ended by %s', async (end) => {
    await using hosts = await twoHosts();
    const { alpha } = hosts;
    const before = (await hosts.record()).flavor;
    const resized = await perform(alpha, (context) =>
      alpha.compute.api.moves.resize(context, instanceUuid, { flavor: large }),
    );
    expect(resized.failure).toBeNull();
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'resized', flavor: large });

    const ended = await perform(alpha, (context) => alpha.compute.api.moves[end](context, instanceUuid));

    expect(ended.failure).toBeNull();
    expect(await hosts.record()).toMatchObject({
      host: 'alpha',
      vmState: 'active',
      flavor: end === 'confirmResize' ? large : before,
    });
    expect(hosts.leftOn('alpha')).toEqual(running);
  });
});
