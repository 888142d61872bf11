import { describe, expect, it } from 'vitest';
import { hostDies } from './support/dead-host.js';
import { admin } from './support/fake-compute.js';
import { allMoveStories } from './support/further-move-stories.js';
import { resized } from './support/move-stories.js';
import { instanceUuid, perform, twoHosts, type TwoHosts } from './support/two-hosts.js';

const refused = { code: 'HOST_DISABLED' };
const running = ['guest running', 'disk', 'vif'];

async function setMode({ beta }: Pick<TwoHosts, 'beta'>, mode: 'enabled' | 'disabled' | 'maintenance'): Promise<void> {
  await beta.settled(beta.compute.operator.host.setMode(admin, mode));
}

describe.each(['disabled', 'maintenance'] as const)('a host that is %s', (mode) => {
  const coming = ['resize to another host', 'live migration', 'cold migration'];
  const arrivals = allMoveStories.filter(({ name }) => coming.includes(name));

  it.each(arrivals)('takes no $name: it is refused before anything is written', async ({ begin }) => {
    await using hosts = await twoHosts();
    await setMode(hosts, mode);
    const { alpha } = hosts;
    const asked = perform(alpha, (context) => begin(alpha, context), 'admin');
    await expect(alpha.settled(asked)).rejects.toMatchObject(refused);
    expect((await hosts.store.listActions(instanceUuid)).map(({ operation }) => operation)).toEqual(['build']);
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active', taskState: null });
  });

  it.each(arrivals)('takes no $name whatever its record said: the instance stays, and runs', async ({ begin }) => {
    await using hosts = await twoHosts();
    await setMode(hosts, mode);
    const { alpha, store } = hosts;
    const record = await store.getHost('beta');
    if (!record) expect.fail('a host describes itself when it starts');
    await store.commit([{ write: 'put-host', host: { ...record, mode: 'enabled' } }]);
    const action = await perform(alpha, (context) => begin(alpha, context), 'admin');
    expect(action).toMatchObject({ state: 'failed', failure: refused });
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active', taskState: null });
    expect([hosts.leftOn('alpha'), hosts.leftOn('beta')]).toEqual([running, []]);

    await setMode(hosts, 'enabled');
    expect(await perform(alpha, (context) => begin(alpha, context), 'admin')).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ host: 'beta' });
  });

  it('takes no evacuation: it is refused before anything is written', async () => {
    await using hosts = await twoHosts({ storage: 'shared' });
    await setMode(hosts, mode);
    await hostDies(hosts);
    const evacuate = hosts.beta.compute.api.moves.evacuate(admin, instanceUuid);
    await expect(hosts.beta.settled(evacuate)).rejects.toMatchObject(refused);
    expect((await hosts.store.listActions(instanceUuid)).map(({ operation }) => operation)).toEqual(['build']);
    expect(await hosts.record()).toMatchObject({ host: 'alpha', taskState: null });
  });

  it('goes on with what has come before: it confirms, reverts and resizes its own', async () => {
    await using hosts = await twoHosts();
    const { alpha, beta } = hosts;
    await resized('beta')(hosts);
    await setMode(hosts, mode);
    const revert = () =>
      perform(beta, (context) => beta.compute.api.moves.revertResize(context, instanceUuid), 'admin');
    expect(await revert()).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'active' });

    await alpha.settled(alpha.compute.operator.host.setMode(admin, mode));
    expect(await resized('alpha')(hosts)).toMatchObject({ state: 'succeeded' });
    expect(await hosts.record()).toMatchObject({ host: 'alpha', vmState: 'resized' });
  });
});
