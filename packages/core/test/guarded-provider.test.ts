import { ComputeError, silentLog } from '@virtkit/core';
import type { CallOptions } from '@virtkit/core/providers';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardProvider } from '../src/guard/guarded-provider.js';

interface Asked {
  readonly method: string;
  readonly options: CallOptions;
}

/** A provider that only writes down what it is asked, behind a fence. */
function guarded(pass: (signal?: AbortSignal) => Promise<void>) {
  const clock = new VirtualClock();
  const asked: Asked[] = [];
  const takes =
    (method: string) =>
    (...args: unknown[]): Promise<unknown> => {
      asked.push({ method, options: args.at(-1) as CallOptions });
      return Promise.resolve(method === 'connect' ? { type: 'file', path: '/x', format: 'raw' } : []);
    };
  const provider = { volumesOf: takes('volumesOf'), connect: takes('connect'), aMethodOfTomorrow: takes('tomorrow') };
  const guard = {
    name: 'volumes' as const,
    host: 'host-1',
    clock,
    log: silentLog,
    timeoutMs: 1_000,
    fence: { epoch: 7, pass },
  };
  return { provider: guardProvider(provider, guard), asked, clock };
}

describe('a guarded provider', () => {
  it('is told with every call in whose name it is made', async () => {
    const { provider, asked } = guarded(() => Promise.resolve());
    await provider.connect('volume-1', {});
    await provider.volumesOf('instance-1');
    expect(asked.map(({ options }) => options.leader)).toEqual([
      { host: 'host-1', epoch: 7 },
      { host: 'host-1', epoch: 7 },
    ]);
  });

  it.each(['connect', 'aMethodOfTomorrow'] as const)('is not asked to %s once the host is lost', async (method) => {
    const { provider, asked } = guarded(() => Promise.reject(new ComputeError('SESSION_LOST', {})));
    await expect(provider[method]('volume-1')).rejects.toMatchObject({ code: 'SESSION_LOST', effect: 'none' });
    expect(asked).toEqual([]);
  });

  it('answers reads when the host is lost', async () => {
    const { provider } = guarded(() => Promise.reject(new ComputeError('SESSION_LOST', {})));
    expect(await provider.volumesOf('instance-1')).toEqual([]);
  });

  it('waits for the lease until the deadline of the call, and says then that nothing was done', async () => {
    const { provider, asked, clock } = guarded(
      (signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    const failure = provider.connect('volume-1').catch((reason: unknown) => reason);
    await clock.advance(1_000);
    expect(await failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expect(asked).toEqual([]);
  });
});
