import { requestContext, type RequestContext } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { createRequest, fakeCompute, tenant } from './support/fake-compute.js';

const ann = { projectId: 'project-1', userId: 'ann' };
const somebodyElses = { projectId: 'project-2', userId: 'bob' };

/** As code makes it that does not know of `requestContext`, or no types. */
function byHand(fields: object): RequestContext {
  return fields as RequestContext;
}

describe('a context whose role is left out', () => {
  it.each([
    ['absent', requestContext(somebodyElses)],
    ['undefined', requestContext({ ...somebodyElses, role: undefined })],
    ['absent in one that was made by hand', byHand(somebodyElses)],
    ['undefined in one that was made by hand', byHand({ ...somebodyElses, requestId: 'req-1', role: undefined })],
    ['under another name', byHand({ ...somebodyElses, Role: 'admin', roles: ['admin'] })],
  ])('is a tenant’s: %s', async (_case, context) => {
    await using fake = await fakeCompute();
    const { compute } = fake;
    const { instance, finished } = await fake.settled(compute.api.create(tenant, createRequest()));
    await fake.settled(finished);
    expect(await compute.api.list(context)).toEqual([]);
    await expect(compute.api.delete(context, instance.uuid)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(compute.operator.health(context)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await compute.operator.listInstances(context)).toEqual([]);
  });
});

describe('a context that says something else than it may', () => {
  const wrong: readonly (readonly [field: string, fields: object])[] = [
    ...[null, '', 'owner', 'Tenant', 'ADMIN', ' admin', ['admin'], { admin: true }, 0, true, Symbol('admin')].map(
      (role) => ['context.role', { ...ann, role }] as const,
    ),
    ...[undefined, null, '', 7, ['project-1'], 'x'.repeat(256)].flatMap((name) => [
      ['context.projectId', { ...ann, projectId: name }] as const,
      ['context.userId', { ...ann, userId: name }] as const,
    ]),
    ['context.projectId', { userId: 'ann', role: 'tenant' }],
    ['context.requestId', { ...ann, requestId: '' }],
    ['context.actionUuid', { ...ann, actionUuid: 42 }],
  ];

  it.each(wrong)('is not made: %s %o', (field, fields) => {
    expect(() => requestContext(fields as RequestContext)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', details: expect.objectContaining({ field }) as unknown }),
    );
  });

  it.each(wrong)('is refused at every door when it was made by hand: %s %o', async (field, fields) => {
    await using fake = await fakeCompute();
    const { api, operator } = fake.compute;
    const context = byHand(fields);
    const refused = { code: 'INVALID_INPUT', details: { field } };
    const uuid = '11111111-2222-4333-8444-555555555555';
    await expect(api.list(context)).rejects.toMatchObject(refused);
    await expect(api.create(context, createRequest())).rejects.toMatchObject(refused);
    await expect(api.volumes.detach(context, uuid, 'volume-1')).rejects.toMatchObject(refused);
    await expect(operator.listInstances(context)).rejects.toMatchObject(refused);
    await expect(operator.consoles.validate(context, 'token')).rejects.toMatchObject(refused);
    await expect(operator.host.mode(context)).rejects.toMatchObject(refused);
  });

  it.each([undefined, null, 'admin', 42, [], [ann], () => ann])('is no context: %o', async (context) => {
    await using fake = await fakeCompute();
    const call = fake.compute.api.list(context as unknown as RequestContext);
    await expect(call).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { field: 'context' } });
  });
});

describe('a context that changes while it is read', () => {
  it('is what it was when it was checked', async () => {
    await using fake = await fakeCompute();
    let reads = 0;
    const shifty = {
      ...somebodyElses,
      get role() {
        reads += 1;
        return reads === 1 ? 'tenant' : 'admin';
      },
    };
    expect(await fake.compute.operator.listInstances(byHand(shifty))).toEqual([]);
    expect(reads).toBe(1);
  });

  it('is refused when it cannot be read', async () => {
    await using fake = await fakeCompute();
    const unreadable = {
      ...ann,
      get role(): never {
        throw new Error('/etc/shadow');
      },
    };
    const call = fake.compute.api.list(byHand(unreadable));
    await expect(call).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { field: 'context' } });
  });
});
