import { ComputeError, type Compute } from '@virtkit/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { admin, createRequest, tenant } from './support/fake-compute.js';
import { imageId, providedCompute, volumeIds, type ProvidedCompute } from './support/memory-providers.js';
import { publicMethods } from './support/public-methods.js';
import { counted, wrongValues } from './support/wrong-values.js';

const uuid = '11111111-2222-4333-8444-555555555555';
const [volumeId, newVolumeId] = volumeIds;
const { image: _image, networkInterfaces: _interfaces, ...plain } = createRequest();
const flavor = { name: 'large', vcpus: 2, memoryMib: 256, rootDiskGib: 2 };
const host = { destinationHost: 'beta' };

/** What each public method takes after the context, when nothing is wrong with it. `undefined`: options, which may be left out. */
const good: Readonly<Record<string, readonly unknown[]>> = {
  'ComputeApi.create': [{ ...plain, imageId }, undefined],
  ...Object.fromEntries(
    [
      'delete',
      'softDelete',
      'restore',
      'forceStop',
      'start',
      'stop',
      'pause',
      'unpause',
      'suspend',
      'resume',
      'get',
      'unlock',
      'listActions',
      'listFaults',
      'getConsoleOutput',
      'diagnostics',
    ].map((each) => [`ComputeApi.${each}`, [uuid, undefined]]),
  ),
  'ComputeApi.reboot': [uuid, 'HARD', undefined],
  'ComputeApi.lock': [uuid, { reason: 'x' }, undefined],
  'ComputeApi.list': [undefined],
  'ComputeApi.getAction': [uuid, undefined],
  'ComputeApi.cancel': [uuid, undefined],
  'ComputeApi.follow': [uuid, undefined],
  'ConsolesApi.create': [uuid, 'vnc', undefined],
  'GuestApi.setAdminPassword': [uuid, 'a Secret', undefined],
  'GuestApi.triggerCrashDump': [uuid, undefined],
  'GuestApi.quiesce': [uuid, undefined],
  'GuestApi.unquiesce': [uuid, undefined],
  'ImagesApi.snapshot': [uuid, { name: 'x' }, undefined],
  'ImagesApi.backup': [uuid, { name: 'x', backupType: 'daily', rotation: 2 }, undefined],
  'ImagesApi.shelve': [uuid, {}, undefined],
  'ImagesApi.shelveOffload': [uuid, undefined],
  'ImagesApi.unshelve': [uuid, undefined],
  'InterfacesApi.attach': [uuid, {}, undefined],
  'InterfacesApi.detach': [uuid, uuid, undefined],
  'InterfacesApi.injectNetworkInfo': [uuid, undefined],
  'MovesApi.resize': [uuid, { flavor }, undefined],
  'MovesApi.migrate': [uuid, host, undefined],
  'MovesApi.confirmResize': [uuid, undefined],
  'MovesApi.revertResize': [uuid, undefined],
  'MovesApi.liveMigrate': [uuid, host, undefined],
  'MovesApi.abortLiveMigration': [uuid, undefined],
  'MovesApi.forceCompleteLiveMigration': [uuid, undefined],
  'MovesApi.evacuate': [uuid, undefined],
  'RepairApi.rescue': [uuid, { imageId }, undefined],
  'RepairApi.unrescue': [uuid, undefined],
  'RepairApi.rebuild': [uuid, { imageId }, undefined],
  'VolumesApi.attach': [uuid, { volumeId }, undefined],
  'VolumesApi.detach': [uuid, volumeId, undefined],
  'VolumesApi.swap': [uuid, { volumeId, newVolumeId }, undefined],
  'VolumesApi.extend': [uuid, { volumeId, sizeMib: 2_048 }, undefined],
  'VolumesApi.createSnapshot': [uuid, volumeId, undefined],
  'VolumesApi.deleteSnapshot': [uuid, { volumeId, snapshotId: 'x' }, undefined],
  'OperatorApi.getInstance': [uuid, undefined],
  'OperatorApi.listInstances': [{}, undefined],
  'OperatorApi.listFaults': [uuid, undefined],
  'OperatorApi.listEvents': [uuid, undefined],
  'OperatorApi.listNotifications': [{ afterSequence: 0, countMax: 1 }, undefined],
  'OperatorApi.resetState': [uuid, 'active', undefined],
  'OperatorApi.health': [undefined],
  'OperatorApi.hostUsage': [undefined],
  'OperatorApi.inspect': [uuid, undefined],
  'OperatorConsoles.validate': ['token', undefined],
  'HostOperator.uptimeMs': [undefined],
  'HostOperator.cpuStats': [undefined],
  'HostOperator.resources': [undefined],
  'HostOperator.mode': [undefined],
  'HostOperator.list': [undefined],
  'HostOperator.setMode': ['enabled', undefined],
  'HostOperator.powerAction': ['reboot', undefined],
  'HostOperator.cacheImage': [imageId, undefined],
};

/** Classes whose methods take no requests, and why. */
const notRequests: Readonly<Record<string, string>> = {
  Compute: 'its methods are called by the embedder’s own program; drain checks its options',
  ComputeHost: 'the same',
  ComputeService: 'the same; events are checked one by one',
  SpreadPlacement: 'the port of placements, asked with a checked request',
  ActionHandle: 'the answer to a request',
  ComputeError: 'a value',
  ComputeEvents: 'listeners of the embedder’s own program',
  Secret: 'a value',
  MemoryStore: 'the port of stores: test kit, rules of arguments',
  InProcessPeers: 'the port between managers',
  ...Object.fromEntries(
    [
      'ComputeManager',
      'ConsoleOperations',
      'GuestOperations',
      'ImageOperations',
      'InterfaceOperations',
      'LifecycleOperations',
      'MoveOperations',
      'RepairOperations',
      'VolumeOperations',
    ].map((each) => [each, 'direct calls with records, checked by their types']),
  ),
};

const options: readonly (readonly [field: string, values: readonly unknown[]])[] = [
  ['deadlineMs', [0, -5, Number.NaN, Number.POSITIVE_INFINITY, 1.5, '5000', 1e12, null, {}]],
  ['idempotencyKey', ['', 'x'.repeat(256), 'x'.repeat(10 * 1_048_576), 7, null, ['x']]],
  ['gracePeriodMs', [-5, Number.NaN, Number.POSITIVE_INFINITY, 1.5, '5000', 1e12, null]],
  ['retryIntervalMs', [0, -5, Number.NaN, Number.POSITIVE_INFINITY, '0', 1e12, null]],
  ['freezeMsMax', [0, -5, Number.NaN, '1', 1e12]],
  ['lengthBytesMax', [0, -5, Number.NaN, '1', 1e12]],
  ['host', ['', 7, null, ['alpha'], 'x'.repeat(10 * 1_048_576)]],
  ['destinationHost', ['', 7, null, ['alpha'], 'x'.repeat(10 * 1_048_576)]],
  ['signal', [{}, 'x', null, { aborted: false }]],
  ['sginal', [undefined, 1]],
];

let fake: ProvidedCompute;
let commits: ReturnType<typeof vi.spyOn>;

beforeAll(async () => {
  fake = await providedCompute();
  commits = vi.spyOn(fake.store, 'commit');
});
afterAll(async () => {
  await fake.settled(fake.compute.close());
});

function ownerOf({ api, operator }: Compute, name: string): object {
  const owners: Readonly<Record<string, object>> = {
    ComputeApi: api,
    ConsolesApi: api.consoles,
    GuestApi: api.guest,
    ImagesApi: api.images,
    InterfacesApi: api.interfaces,
    MovesApi: api.moves,
    RepairApi: api.repair,
    VolumesApi: api.volumes,
    OperatorApi: operator,
    OperatorConsoles: operator.consoles,
    HostOperator: operator.host,
  };
  return owners[name] ?? expect.fail(`nobody knows where ${name} is`);
}

interface Refusal {
  readonly what: string;
  readonly cpuMs: number;
}

/** Calls a method with arguments of which one is wrong, and expects it to be refused, in clear words, with nothing done. */
async function refused(name: string, args: readonly unknown[], what: string): Promise<Refusal> {
  const [owner = '', method = ''] = name.split('.');
  const target = ownerOf(fake.compute, owner);
  const call = Reflect.get(target, method) as (...args: readonly unknown[]) => unknown;
  const before = [commits.mock.calls.length, fake.providerFaults.calls.length, fake.hypervisor.journal.points().length];
  const start = process.cpuUsage();
  let failure: unknown;
  try {
    await call.apply(target, [...args]);
  } catch (reason) {
    failure = reason;
  }
  const used = process.cpuUsage(start);
  const after = [commits.mock.calls.length, fake.providerFaults.calls.length, fake.hypervisor.journal.points().length];
  expect(failure, `${name} with ${what}`).toBeInstanceOf(ComputeError);
  const { code, details, message } = failure as ComputeError<'INVALID_INPUT'>;
  expect(code, `${name} with ${what}: ${message}`).toBe('INVALID_INPUT');
  for (const words of [details.field, details.value, details.accepted]) {
    expect(words.length, `${name} with ${what}: ${message}`).toBeGreaterThan(0);
    expect(words.length).toBeLessThan(400);
  }
  expect(message).not.toMatch(/[\u0000-\u001f]/);
  expect(after, `${name} with ${what}`).toEqual(before);
  return { what: `${name} with ${what}`, cpuMs: (used.user + used.system) / 1_000 };
}

describe('the public methods', () => {
  it('are all known here, with as many parameters as they have', () => {
    for (const { owner, method, parameters } of publicMethods()) {
      if (Object.hasOwn(notRequests, owner)) continue;
      const args = good[`${owner}.${method}`] ?? expect.fail(`${owner}.${method} is in the report and not here`);
      expect(parameters[0], `${owner}.${method}`).toBe('context');
      expect(args.length, `${owner}.${method}(${parameters.join(', ')})`).toBe(parameters.length - 1);
    }
    expect(publicMethods().length).toBeGreaterThan(60);
  });

  it.each(Object.keys(good))(
    'refuse what is wrong in any parameter before anything is written: %s',
    async (name) => {
      const spent: Refusal[] = [];
      const args = good[name] ?? [];
      for (const { name: what, make } of wrongValues) {
        spent.push(await refused(name, [make(), ...args], `${what} as the context`));
        for (const index of args.keys()) {
          spent.push(await refused(name, [admin, ...args.with(index, make())], `${what} as argument ${index + 1}`));
        }
      }
      for (const index of args.keys()) {
        if (args[index] === undefined) {
          for (const [field, values] of options) {
            for (const value of values) {
              spent.push(
                await refused(name, [admin, ...args.with(index, { [field]: value })], `${field} ${typeof value}`),
              );
            }
          }
        } else {
          spent.push(
            await refused(name, [admin, ...args.with(index, undefined)], `nothing as argument ${index + 1}`).catch(
              (reason: unknown) => optional(name, reason),
            ),
          );
        }
        spent.push(...(await fieldsRefused(name, args, index)));
      }
      // To list the fields of an object of 100,000 costs V8 alone about 15 ms; that is told apart.
      const [worst] = spent.filter(({ what }) => !what.includes('100,000')).toSorted((a, b) => b.cpuMs - a.cpuMs);
      const [crowded] = spent.filter(({ what }) => what.includes('100,000')).toSorted((a, b) => b.cpuMs - a.cpuMs);
      console.log(
        `${name}: ${spent.length} refusals, at most ${worst?.cpuMs.toFixed(1)} ms of CPU (${worst?.what}); ` +
          `of 100,000 fields ${crowded?.cpuMs.toFixed(1)} ms`,
      );
    },
    120_000,
  );
});

/** Requests that may be left out as a whole are no refusal. */
function optional(name: string, reason: unknown): Refusal {
  if (
    ![
      'ComputeApi.lock',
      'ImagesApi.shelve',
      'InterfacesApi.attach',
      'RepairApi.rescue',
      'OperatorApi.listInstances',
    ].includes(name)
  )
    throw reason;
  return { what: 'nothing', cpuMs: 0 };
}

/** Each field of a request, replaced by what is wrong everywhere. */
async function fieldsRefused(name: string, args: readonly unknown[], index: number): Promise<readonly Refusal[]> {
  const request = args[index];
  if (typeof request !== 'object' || request === null) return [];
  const spent: Refusal[] = [];
  for (const field of Object.keys(request)) {
    for (const { name: what, make } of wrongValues) {
      // A reason of a lock may be empty, and hold what it will.
      if (field === 'reason' && (what === 'an empty text' || what.includes('control'))) continue;
      if (isFine(field, what)) continue;
      spent.push(
        await refused(name, [admin, ...args.with(index, { ...request, [field]: make() })], `${what} as ${field}`),
      );
    }
  }
  return spent;
}

/** Numbers and lists that some field takes. */
function isFine(field: string, what: string): boolean {
  const counts = ['rotation', 'sizeMib', 'countMax', 'afterSequence'];
  return (counts.includes(field) && what === 'a number') || what === 'a text with control characters';
}

describe('a value that is larger than it may be', () => {
  it.each([
    [
      'metadata of 100,000 fields',
      'metadata',
      Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [`k${nth}`, 'v'])),
    ],
    [
      'metadata of 129 fields',
      'metadata',
      Object.fromEntries(Array.from({ length: 129 }, (_, nth) => [`k${nth}`, 'v'])),
    ],
    ['a million networks', 'networks', Array.from({ length: 1_000_000 }, () => ({}))],
    ['65 volumes', 'volumes', Array.from({ length: 65 }, (_, nth) => ({ volumeId: `v${nth}` }))],
    ['nested flavors', 'flavor', { ...flavor, extraSpecs: { a: { b: { c: {} } } } }],
  ])('is read no further than its limit: %s', async (_what, field, value) => {
    const { proxy, reads } = counted(value);
    const request = { ...plain, imageId, [field]: proxy };
    const refusal = await refused('ComputeApi.create', [tenant, request, undefined], field);
    // A field is looked for, and read; a list has a length beside.
    expect(reads()).toBeLessThanOrEqual(3 * 129 + 16);
    console.log(`${_what}: ${reads()} reads, ${refusal.cpuMs.toFixed(1)} ms of CPU`);
  });
});

/** V8 sorts all names of an object before it tells the first: 15 ms for 100,000 of them. */
describe('an object of 100,000 fields', () => {
  const crowded = () => wrongValues.find(({ name }) => name === 'an object of 100,000 fields')!.make() as object;
  const create = (fields: object) => [tenant, { ...plain, imageId, ...fields }, undefined];

  it.each<[what: string, method: string, args: (crowd: object) => readonly unknown[]]>([
    ['in the place of a request', 'ComputeApi.create', (crowd) => [tenant, crowd, undefined]],
    [
      'around a request with a wrong field',
      'VolumesApi.attach',
      (crowd) => {
        Object.defineProperty(crowd, 'volumeId', { value: 7, enumerable: true });
        return [tenant, uuid, crowd, undefined];
      },
    ],
    ['in the place of a flavor', 'ComputeApi.create', (flavors) => create({ flavor: flavors })],
    ['in the place of a name', 'ComputeApi.create', (name) => create({ name })],
    ['in the place of a uuid', 'ComputeApi.get', (id) => [tenant, id, undefined]],
    ['in the place of an idempotency key', 'ComputeApi.stop', (idempotencyKey) => [tenant, uuid, { idempotencyKey }]],
  ])('is refused before its fields are listed %s', async (what, method, args) => {
    let listings = 0;
    const ownKeys = (target: object) => {
      listings += 1;
      return Reflect.ownKeys(target);
    };
    await refused(method, args(new Proxy(crowded(), { ownKeys })), what);
    expect(listings).toBe(0);
    expect(await leastCpuMs(() => refused(method, args(crowded()), what))).toBeLessThan(5);
  });

  it.each<[what: string, method: string, args: (crowd: object) => readonly unknown[]]>([
    ['options, which may lack every field', 'ComputeApi.stop', (crowd) => [tenant, uuid, crowd]],
    ['metadata, whose names are the tenant’s', 'ComputeApi.create', (metadata) => create({ metadata })],
  ])('is listed once where nothing else tells that it is wrong: %s', async (what, method, args) => {
    let listings = 0;
    const ownKeys = (target: object) => {
      listings += 1;
      return Reflect.ownKeys(target);
    };
    await refused(method, args(new Proxy(crowded(), { ownKeys })), what);
    expect(listings).toBe(1);
    // Three times what V8 alone needs on the slowest machine that was measured.
    expect(await leastCpuMs(() => refused(method, args(crowded()), what))).toBeLessThan(45);
  });
});

/** Of five: others on the machine, and the collector, only ever add. */
async function leastCpuMs(once: () => Promise<Refusal>): Promise<number> {
  const spent: number[] = [];
  for (let nth = 0; nth < 5; nth += 1) spent.push((await once()).cpuMs);
  return Math.min(...spent);
}
