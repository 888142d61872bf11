import { createComputeService, InProcessPeers, operatorFactsOf, silentLog, type AcceptedAction } from '@virtkit/core';
import { describe, expect, it, vi } from 'vitest';
import { admin, tenant } from './support/fake-compute.js';
import { fleetCases, fleetInstance, otherHost } from './support/fleet-cases.js';
import { fleet, fleetHosts, type Fleet, type FleetHost } from './support/fleet.js';
import { publicMethods } from './support/public-methods.js';

/** By then the destination of a live migration is prepared, and the guest is on its way. */
const UNDER_WAY_MS = 2_000;

const apiClasses = new Set(Object.keys(fleetCases).map((name) => name.split('.')[0]));

function isAccepted(answer: unknown): answer is AcceptedAction {
  return typeof answer === 'object' && answer !== null && 'finished' in answer;
}

/** Which hosts' drivers were asked for anything. */
function asked({ hypervisors }: Fleet): readonly FleetHost[] {
  return fleetHosts.filter((host) => hypervisors[host].journal.entries.length > 0);
}

describe('a service without a driver, of two hosts', () => {
  it('is asked for every method of the API below', () => {
    const known = publicMethods().filter(({ owner }) => apiClasses.has(owner));
    expect(known.map(({ owner, method }) => `${owner}.${method}`).sort()).toEqual(Object.keys(fleetCases).sort());
    expect(known.length).toBeGreaterThan(60);
  });

  describe.each(fleetHosts)('for an instance of %s', (host) => {
    it.each(Object.entries(fleetCases))('%s is answered by that host', async (_name, { before, during, ask, asks }) => {
      await using all = await fleet();
      const { service, store } = all;
      await all.build(host, fleetInstance);
      for (const each of before ?? []) {
        expect(await all.done(each(service, host, all))).toMatchObject({ state: 'succeeded' });
      }
      const underWay = during && (await all.settled(during(service, host, all)));
      if (underWay) await all.clock.advance(UNDER_WAY_MS);
      for (const each of Object.values(all.hypervisors)) each.journal.clear();

      const answer = await all.settled(ask(service, host, all));
      if (isAccepted(answer)) {
        expect(await all.settled(answer.finished)).toMatchObject({ state: 'succeeded' });
        expect((await store.getAction(answer.action.uuid)).host).toBeOneOf([...fleetHosts]);
      }
      if (underWay) await all.settled(underWay.finished);
      const expected = { 'its host': [host], nobody: [], 'both hosts': [...fleetHosts] }[asks];
      expect(asked(all)).toEqual(expected);
    });

    it('its console, its guest and its health are that host’s own', async () => {
      await using all = await fleet();
      const { service, settled, hypervisors } = all;
      await all.build(host, fleetInstance);
      hypervisors[host].writeConsole(fleetInstance, `a line of ${host}`);
      const output = await settled(service.api.getConsoleOutput(tenant, fleetInstance));
      expect(Buffer.from(output).toString()).toContain(`a line of ${host}`);
      expect(await settled(service.operator.inspect(admin, fleetInstance))).toMatchObject({ powerState: 'RUNNING' });
      expect(await settled(service.operator.health(admin, { host }))).toMatchObject({ host, state: 'running' });
      expect(await settled(service.operator.host.resources(admin, { host }))).toMatchObject({
        hypervisorHostname: host,
      });
    });

    it('is HOST_UNAVAILABLE when its host cannot be reached, and never absent', async () => {
      await using all = await fleet();
      const { service, settled, hosts } = all;
      await all.build(host, fleetInstance);
      await settled(hosts[host].close());
      const unavailable = { code: 'HOST_UNAVAILABLE' };
      await expect(settled(service.api.getConsoleOutput(tenant, fleetInstance))).rejects.toMatchObject(unavailable);
      await expect(settled(service.operator.inspect(admin, fleetInstance))).rejects.toMatchObject(unavailable);
      await expect(settled(service.operator.health(admin, { host }))).rejects.toMatchObject(unavailable);
      await expect(settled(service.api.stop(tenant, fleetInstance))).rejects.toMatchObject(unavailable);
      expect(await settled(service.operator.health(admin, { host: otherHost(host) }))).toMatchObject({
        host: otherHost(host),
      });
    });
  });

  it('refuses what needs the name of a host, and what no host is called', async () => {
    await using all = await fleet();
    const { operator } = all.service;
    await expect(all.settled(operator.health(admin))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'options.host' },
    });
    await expect(all.settled(operator.health(admin, { host: 'gamma' }))).rejects.toMatchObject({
      code: 'HOST_UNAVAILABLE',
    });
  });

  it('refuses what the host cannot do by that host’s record, before anything is written', async () => {
    await using all = await fleet();
    const { store, service, settled } = all;
    await all.build('beta', fleetInstance);
    const record = await store.getHost('beta');
    if (!record?.description) expect.fail('a host describes itself when it starts');
    const capabilities = { ...record.description.capabilities, pause: { unsupportedBecause: 'it cannot' } };
    const description = { ...record.description, capabilities };
    await store.commit([{ write: 'put-host', host: { ...record, description } }]);
    const commits = vi.spyOn(store, 'commit');
    const refusal: unknown = await settled(service.api.pause(tenant, fleetInstance)).catch((reason: unknown) => reason);
    expect(refusal).toMatchObject({ code: 'NOT_SUPPORTED', details: { capability: 'pause' } });
    expect(operatorFactsOf(refusal)).toMatchObject({ message: 'it cannot' });
    expect(commits).not.toHaveBeenCalled();
  });

  it('has accepted what a host finds by itself, where it cannot be told', async () => {
    await using all = await fleet();
    const { clock, store, images, networks, volumes, settled } = all;
    await all.build('alpha', fleetInstance);
    const peers = new InProcessPeers({ clock });
    await using lonely = await createComputeService({ clock, store, images, networks, volumes, peers, log: silentLog });
    const { action } = await settled(lonely.api.stop(tenant, fleetInstance));
    expect(await store.getAction(action.uuid)).toMatchObject({ state: 'queued', host: 'alpha' });
  });
});
