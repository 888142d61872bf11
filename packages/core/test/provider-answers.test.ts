import { ComputeError, causeOf, Secret, silentLog } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { guardProvider } from '../src/guard/guarded-provider.js';
import type { ProviderPort } from '../src/guard/provider-answer-table.js';
import { hostWords } from './support/hostile-failures.js';

const fence = { epoch: 1, pass: () => Promise.resolve() };
const log = { ...silentLog, lines: [] as unknown[][], error: (...line: unknown[]) => void log.lines.push(line) };

async function answerOf(name: ProviderPort, method: string, answer: unknown): Promise<unknown> {
  const provider = { [method]: () => Promise.resolve(answer) };
  const guarded = guardProvider(provider, { name, host: 'host-1', clock: new VirtualClock(), log, fence });
  return guarded[method]?.();
}

const image = {
  id: 'image-1',
  name: 'Debian',
  diskFormat: 'qcow2',
  minDiskGib: 0,
  minMemoryMib: 0,
  location: { disk: '/images/1' },
  properties: {},
};
const vif = { id: 'port-1', macAddress: '52:54:00:00:00:01', status: 'active', type: 'bridge', bridge: 'br0' };
const volume = { id: 'volume-1', name: '', projectId: 'p', sizeMib: 1, attachment: null };
const file = { type: 'file', path: '/volumes/1', format: 'raw', passphrase: new Secret('x') };

function throwing(): never {
  throw new Error(hostWords);
}

describe('an answer of a provider', () => {
  it.each([
    ['images', 'getImage', image],
    ['images', 'listImages', []],
    ['networks', 'allocate', [vif, { ...vif, type: 'user' }]],
    ['volumes', 'getVolume', volume],
    ['volumes', 'getVolume', { ...volume, attachment: { instanceUuid: 'x', hosts: ['host-1'] } }],
    ['volumes', 'connect', file],
    ['volumes', 'connect', { type: 'host-device', path: '/dev/sdb' }],
    ['volumes', 'extend', 2_048],
    ['volumes', 'beginSnapshotDeletion', undefined],
  ] as const)('that the contract knows is handed on, as a copy: %s.%s', async (name, method, answer) => {
    const given = await answerOf(name, method, answer);
    expect(given).toEqual(answer);
    if (typeof answer === 'object') expect(given).not.toBe(answer);
  });

  const wrong: readonly (readonly [ProviderPort, string, unknown])[] = [
    ['images', 'getImage', undefined],
    ['images', 'getImage', {}],
    ['images', 'getImage', { ...image, diskFormat: 'vmdk' }],
    ['images', 'getImage', { ...image, location: { disk: 'relative' } }],
    ['images', 'getImage', { ...image, name: 'x'.repeat(10 * 1_048_576) }],
    ['images', 'getImage', { ...image, minDiskGib: Number.NaN }],
    ['images', 'getImage', Object.create(image)],
    ['images', 'getImage', new Proxy(image, { get: (_, name) => (name === 'then' ? undefined : throwing()) })],
    ['images', 'getImage', { ...image, properties: { toString: throwing } }],
    ['images', 'listImages', { length: 1 }],
    ['images', 'listUnfinishedImages', [42]],
    ['images', 'finishImage', { ...image, kind: hostWords }],
    ['networks', 'allocate', 'none'],
    ['networks', 'allocate', [{ ...vif, macAddress: hostWords }]],
    ['networks', 'attach', { ...vif, status: 'broken' }],
    ['networks', 'attach', { ...vif, bridge: undefined }],
    ['networks', 'moveTo', null],
    ['networks', 'interfacesOf', [vif, undefined]],
    ['volumes', 'getVolume', { ...volume, sizeMib: '1' }],
    ['volumes', 'getVolume', { ...volume, attachment: { instanceUuid: 'x' } }],
    ['volumes', 'getVolume', JSON.parse('{"__proto__":{"id":"volume-1"}}')],
    ['volumes', 'volumesOf', undefined],
    ['volumes', 'connect', { ...file, passphrase: 'in the open' }],
    [
      'volumes',
      'connect',
      {
        get type() {
          return throwing();
        },
      },
    ],
    ['volumes', 'extend', Number.POSITIVE_INFINITY],
    ['volumes', 'beginSnapshot', holdsItself()],
  ];
  it.each(wrong)('of another shape is the provider’s fault, and told to the operator: %s.%s (%#)', async (...each) => {
    log.lines.length = 0;
    const [name, method, answer] = each;
    const failure: unknown = await answerOf(name, method, answer).then(
      () => expect.fail('it was taken'),
      (reason: unknown) => reason,
    );
    expect(failure).toBeInstanceOf(ComputeError);
    expect(failure).toMatchObject({ code: 'INTERNAL', message: expect.not.stringContaining('srv') as string });
    expect(causeOf(failure)).toMatchObject({ message: expect.stringContaining(`${name}.${method}`) as string });
    expect(log.lines).toMatchObject([[{ operation: `${name}.${method}` }, 'provider answer refused']]);
  });

  it('is read once: what it says the second time is never heard', async () => {
    let reads = 0;
    const lying = Object.defineProperty({ ...vif }, 'bridge', {
      enumerable: true,
      get: () => (reads++ === 0 ? 'br0' : hostWords),
    });
    const given = (await answerOf('networks', 'attach', lying)) as { readonly bridge: string };
    expect([given.bridge, given.bridge, reads]).toEqual(['br0', 'br0', 1]);
  });

  it('to what answers with nothing is nothing', async () => {
    expect(await answerOf('volumes', 'disconnect', { path: hostWords })).toBeUndefined();
  });
});

function holdsItself(): object {
  const place: Record<string, unknown> = { snapshotId: 's', volumeId: 'v', path: '/x', format: 'qcow2' };
  place['self'] = place;
  return place;
}
