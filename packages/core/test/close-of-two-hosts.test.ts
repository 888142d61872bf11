import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, type FakeCompute } from './support/fake-compute.js';
import { instanceUuid, large, twoHosts, type TwoHosts } from './support/two-hosts.js';

/** What may take the end of a manager: its drain, and twice the grace of a call that hangs. */
const END_MS = 60_000;

const hang = { type: 'hang', until: 'never' } as const;

type Begin = (hosts: TwoHosts) => Promise<unknown>;

const moves: Readonly<Record<string, Begin>> = {
  migration: ({ alpha }) => alpha.compute.api.moves.migrate(admin, instanceUuid, { destinationHost: 'beta' }),
  'live migration': ({ alpha }) =>
    alpha.compute.api.moves.liveMigrate(admin, instanceUuid, { destinationHost: 'beta' }),
  resize: ({ alpha }) =>
    alpha.compute.api.moves.resize(admin, instanceUuid, { flavor: large, destinationHost: 'beta' }),
};

/** What goes wrong while the instance moves, and for ever after. */
const troubles: Readonly<Record<string, (hosts: TwoHosts) => void>> = {
  'no guest is defined, no volume let go': ({ datacenter, providerFaults }) => {
    const error = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    datacenter.host('beta').faults.add({ at: 'define', fault: { type: 'throw', error } });
    providerFaults.add({ at: 'volumes.disconnect', times: 'always', fault: hang });
  },
  'no volume is connected': ({ providerFaults }) => {
    providerFaults.add({ at: 'volumes.connect', times: 'always', fault: hang });
  },
  'no interface is bound': ({ providerFaults }) => {
    providerFaults.add({ at: 'networks.allocate', times: 'always', fault: hang });
  },
  'the destination hangs': ({ datacenter }) => {
    for (const at of ['define', 'inspect', 'destroy', 'getInfo'] as const) {
      datacenter.host('beta').faults.add({ at, times: 'always', fault: hang });
    }
  },
  'the source hangs': ({ datacenter }) => {
    for (const at of ['readState', 'destroy', 'inspect', 'getInfo'] as const) {
      datacenter.host('alpha').faults.add({ at, times: 'always', fault: hang });
    }
  },
};

async function endOf({ compute, settled, clock }: FakeCompute): Promise<number> {
  const sinceMs = clock.monotonicMs();
  await settled(compute.close());
  return clock.monotonicMs() - sinceMs;
}

describe('the end of a manager, while an instance moves between it and another', () => {
  const cases = Object.entries(moves).flatMap(([move, begin]) =>
    Object.entries(troubles).flatMap(([trouble, strike]) =>
      [1_000, 20_000, 400_000].map((waitMs) => ({ move, begin, trouble, strike, waitMs })),
    ),
  );

  it.each(cases)('comes in time: $move, $trouble, after $waitMs ms', async ({ begin, strike, waitMs }) => {
    const hosts = await twoHosts({ compute: { drainMs: 10_000 } });
    strike(hosts);
    await begin(hosts);
    await hosts.clock.advance(waitMs);
    const endsMs = [await endOf(hosts.alpha), await endOf(hosts.beta)];
    expect(Math.max(...endsMs)).toBeLessThan(END_MS);
  });
});
