import { ComputeError, MemoryStore, type ComputeErrorCode } from '@virtkit/core';
import { computeErrors } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';
import { FaultyStore } from './support/faulty-store.js';
import { ended, instanceUuid, ownerContext, runningInstance } from './support/running-instance.js';

const codes = Object.keys(computeErrors) as ComputeErrorCode[];

describe('an error is retryable', () => {
  it.each(codes)('by its code and by its effect: %s', (code) => {
    const { retryable, effect } = computeErrors[code];
    const of = (own: ComputeError['effect']): boolean => errorOf(code, own).retryable;
    expect(errorOf(code, effect).retryable).toBe(retryable && effect !== 'unknown');
    expect([of('none'), of('partial')]).toEqual([retryable, retryable]);
    expect(of('unknown')).toBe(false);
  });

  it('of a partial effect only where the manager has settled what is left: these, and no others', () => {
    const partial = codes.filter((code) => computeErrors[code].retryable && computeErrors[code].effect === 'partial');
    expect(partial).toEqual(['NETWORK_UNAVAILABLE', 'MIGRATION_FAILED', 'VIF_PLUG_FAILED', 'VIF_PLUG_TIMEOUT']);
    const unknown = codes.filter((code) => computeErrors[code].retryable && computeErrors[code].effect === 'unknown');
    expect(unknown).toEqual(['STORE_UNAVAILABLE']);
  });
});

describe('a request that failed with a retryable error of partial effect', () => {
  const errors = [
    ['VIF_PLUG_FAILED', { instanceUuid }],
    ['VIF_PLUG_TIMEOUT', { instanceUuid, timeoutMs: 1_000 }],
    ['NETWORK_UNAVAILABLE', { networkId: 'blue' }],
  ] as const;
  const start = ({ compute }: FakeCompute) => compute.api.start(ownerContext(), instanceUuid);

  async function failedStart(error: ComputeError, when: 'before' | 'after') {
    const fake = await runningInstance();
    expect(await ended(fake, fake.compute.api.stop(ownerContext(), instanceUuid))).toMatchObject({
      state: 'succeeded',
    });
    fake.hypervisor.faults.add({ at: 'powerOn', fault: { type: 'throw', error, when } });
    const { code } = error;
    expect(await ended(fake, start(fake))).toMatchObject({ state: 'failed', failure: { code } });
    return fake;
  }

  it.each(errors)('may be made again at once: %s', async (code, said) => {
    await using fake = await failedStart(new ComputeError(code, said), 'before');
    expect(await ended(fake, start(fake))).toMatchObject({ state: 'succeeded' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
  });

  it.each(errors)('is refused where the first one was done after all: %s', async (code, said) => {
    await using fake = await failedStart(new ComputeError(code, said), 'after');
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    await expect(fake.settled(start(fake))).rejects.toMatchObject({ code: 'INSTANCE_INVALID_STATE' });
  });
});

describe('a store that fails', () => {
  it('in a commit may have taken it: to ask again is to look first, or to send the same key', async () => {
    const store = new FaultyStore();
    await using fake = await fakeCompute({ store });
    const error = new ComputeError('STORE_UNAVAILABLE', {});
    store.arm({ nth: 1, attempts: 9, fault: { type: 'throw', error } });
    const create = () => fake.compute.api.create(tenant, createRequest(), { idempotencyKey: 'once' });
    await expect(fake.settled(create())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
    store.clear();
    await fake.settled(create());
    expect(await store.listInstances({})).toHaveLength(1);
  });

  it('in a read has changed nothing, and may be asked again', async () => {
    const store = new (class extends MemoryStore {
      isDown = false;
      override listInstances(...args: Parameters<MemoryStore['listInstances']>) {
        return this.isDown ? Promise.reject(new ComputeError('STORE_UNAVAILABLE', {})) : super.listInstances(...args);
      }
    })();
    await using fake = await fakeCompute({ store });
    store.isDown = true;
    const failed = { code: 'STORE_UNAVAILABLE', effect: 'none', retryable: true };
    await expect(fake.settled(fake.compute.api.list(tenant))).rejects.toMatchObject(failed);
    store.isDown = false;
    expect(await fake.compute.api.list(tenant)).toEqual([]);
  });
});

/** Its message is not looked at, and neither are its details. */
function errorOf(code: ComputeErrorCode, effect: ComputeError['effect']): ComputeError {
  return new ComputeError(code, new Proxy({}, { get: () => ['anything'] }), { effect });
}
