import { requestContext, Secret, type ConsoleType } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { admin, createRequest, fakeCompute, tenant, type FakeCompute } from './support/fake-compute.js';

const uuid = '11111111-2222-4333-8444-555555555555';

async function withInstance(): Promise<FakeCompute> {
  const fake = await fakeCompute();
  const { finished } = await fake.settled(fake.compute.api.create(tenant, createRequest({ uuid })));
  expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
  return fake;
}

const invalid = { code: 'CONSOLE_TOKEN_INVALID' };

describe('a console token', () => {
  it.each(['vnc', 'spice', 'serial', 'mks'] as const)('for %s leads a proxy, and nobody else, to it', async (type) => {
    await using fake = await withInstance();
    const { api, operator } = fake.compute;
    const access = await api.consoles.create(tenant, uuid, type);
    expect(access).toEqual({
      token: expect.stringMatching(/^[\w-]{43}$/) as string,
      consoleType: type,
      expiresAtMs: fake.clock.now() + 600_000,
    });
    const grant = await operator.consoles.validate(admin, access.token);
    expect(grant).toMatchObject({
      instanceUuid: uuid,
      consoleType: type,
      endpoint:
        type === 'serial' ? { socketPath: expect.any(String) as string } : { port: expect.any(Number) as number },
    });
    await expect(operator.consoles.validate(tenant, access.token)).rejects.toMatchObject(invalid);
  });

  it('is kept as a hash only', async () => {
    await using fake = await withInstance();
    const { token } = await fake.settled(fake.compute.api.consoles.create(tenant, uuid, 'vnc'));
    expect(await fake.store.findConsoleToken(token)).toBeUndefined();
    expect(fake.logLines.join('')).not.toContain(token);
  });

  it('is invalid when it is unknown, has expired, or its guest is gone', async () => {
    await using fake = await withInstance();
    const { api, operator } = fake.compute;
    await expect(fake.settled(operator.consoles.validate(admin, 'made-up'))).rejects.toMatchObject(invalid);
    const old = await fake.settled(api.consoles.create(tenant, uuid, 'vnc'));
    await fake.clock.advance(600_001);
    await expect(fake.settled(operator.consoles.validate(admin, old.token))).rejects.toMatchObject(invalid);

    const { token } = await fake.settled(api.consoles.create(tenant, uuid, 'vnc'));
    const stopped = await fake.settled(api.stop(tenant, uuid));
    await fake.settled(stopped.finished);
    await expect(fake.settled(operator.consoles.validate(admin, token))).rejects.toMatchObject(invalid);
    const deleted = await fake.settled(api.delete(tenant, uuid));
    await fake.settled(deleted.finished);
    await expect(fake.settled(operator.consoles.validate(admin, token))).rejects.toMatchObject(invalid);
  });

  it('is refused while the instance is deleted or migrates, for strangers, and for what is no console', async () => {
    await using fake = await withInstance();
    const { consoles } = fake.compute.api;
    const stranger = requestContext({ projectId: 'project-2', userId: 'user-2' });
    await expect(consoles.create(stranger, uuid, 'vnc')).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(consoles.create(tenant, uuid, 'rdp' as ConsoleType)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'consoleType', value: '"rdp"', accepted: 'vnc, spice, serial or mks' },
    });
    for (const taskState of ['deleting', 'migrating'] as const) {
      const patch = { taskState, taskOwner: 'somebody' };
      await fake.store.commit([{ write: 'update-instance', uuid, patch, guard: {} }]);
      await expect(consoles.create(tenant, uuid, 'vnc')).rejects.toMatchObject({
        code: 'INSTANCE_INVALID_STATE',
        details: { actual: taskState },
      });
    }
  });
});

describe('diagnostics', () => {
  it('are read by administrators, of guests that run', async () => {
    await using fake = await withInstance();
    const { api } = fake.compute;
    expect(await fake.settled(api.diagnostics(admin, uuid))).toMatchObject({ powerState: 'RUNNING' });
    await expect(api.diagnostics(tenant, uuid)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await fake.settled((await fake.settled(api.stop(tenant, uuid))).finished);
    await expect(fake.settled(api.diagnostics(admin, uuid))).rejects.toMatchObject({ code: 'INSTANCE_INVALID_STATE' });
  });
});

describe('what is asked of the system inside a guest', () => {
  it('gives it a password that stands in no record and no line of the log', async () => {
    await using fake = await withInstance();
    const secret = 'correct horse battery staple';
    const { finished, action } = await fake.settled(
      fake.compute.api.guest.setAdminPassword(tenant, uuid, new Secret(secret)),
    );
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded', name: 'changePassword' });
    const kept = [await fake.store.getAction(action.uuid), await fake.store.getInstance(uuid), fake.logLines];
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('refuses a password that is no secret without printing it', async () => {
    await using fake = await withInstance();
    const plain = 'hunter2' as unknown as Secret;
    const refusal = fake.compute.api.guest.setAdminPassword(tenant, uuid, plain);
    await expect(refusal).rejects.toMatchObject({ code: 'INVALID_INPUT', details: { value: '[redacted]' } });
    await expect(refusal).rejects.not.toThrow('hunter2');
  });

  it.each(['triggerCrashDump', 'quiesce', 'unquiesce'] as const)('%s leaves the vm state as it was', async (verb) => {
    await using fake = await withInstance();
    const { finished } = await fake.settled(fake.compute.api.guest[verb](tenant, uuid));
    expect(await fake.settled(finished)).toMatchObject({ state: 'succeeded' });
    expect(await fake.compute.api.get(tenant, uuid)).toMatchObject({ vmState: 'active', taskState: null });
  });
});
