import { ComputeError } from '@virtkit/core';
import { describe, expect, it } from 'vitest';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { admin, tenant } from '../support/fake-compute.js';
import { foreignError } from '../support/promises.js';
import { instanceUuid, runningInstance, tenantText } from '../support/running-instance.js';

const isInternal = { code: 'INTERNAL', message: expect.stringMatching(/^An internal error occurred/) as string };

describe('Nova’s acceptance cases: faults', () => {
  it('F4, F5: a foreign error has the public text of a code (Nova: the name of its class), its own is the operator’s', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: foreignError() } });
    await endedAsPromised(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    const [fault] = await fake.compute.operator.listFaults(admin, instanceUuid);
    expect(fault).toMatchObject(isInternal);
    expect(fault?.operator.host).toBe('host-1');
    expect(JSON.stringify(fault?.operator.failures)).toContain(foreignError().message);
    expect(await tenantText(fake)).not.toContain('libvirtd');
  });

  it('F6: an error of the caller’s has its text', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('AGENT_UNAVAILABLE', { instanceUuid });
    fake.hypervisor.faults.add({ at: 'quiesce', fault: { type: 'throw', error } });
    const action = await endedAsPromised(fake, fake.compute.api.guest.quiesce(tenant, instanceUuid));
    expect(action.failure).toEqual({ code: 'AGENT_UNAVAILABLE', message: error.message });
  });

  it('F7: what is thrown without a stack is a fault all the same', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: undefined } });
    await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    expect(await fake.compute.api.listFaults(tenant, instanceUuid)).toMatchObject([isInternal]);
  });

  it('F8: a message of any length is no message to the tenant, so that nothing is cut (Nova: at 255 bytes)', async () => {
    await using fake = await runningInstance();
    const words = 'ä'.repeat(10_000);
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error: new Error(words) } });
    const { failure } = await endedAsPromised(fake, fake.compute.api.pause(tenant, instanceUuid));
    expect(failure?.message.length).toBeLessThan(255);
    const [fault] = await fake.compute.operator.listFaults(admin, instanceUuid);
    expect(JSON.stringify(fault?.operator.failures)).toContain(words.slice(0, 1_000));
  });

  it('F9: a text of the thrower’s does not become the tenant’s (Nova: wins over all others)', async () => {
    await using fake = await runningInstance();
    const operator = { message: foreignError().message };
    const error = new ComputeError('AGENT_UNAVAILABLE', { instanceUuid }, { operator });
    fake.hypervisor.faults.add({ at: 'quiesce', fault: { type: 'throw', error } });
    await endedAsPromised(fake, fake.compute.api.guest.quiesce(tenant, instanceUuid));
    const [fault] = await fake.compute.operator.listFaults(admin, instanceUuid);
    expect(fault?.message).toBe(new ComputeError('AGENT_UNAVAILABLE', { instanceUuid }).message);
    expect(JSON.stringify(fault?.operator)).toContain(operator.message);
    expect(await tenantText(fake)).not.toContain('libvirtd');
  });
});

// §7.3: the server fault of an exception that is none of Nova's, and the two action events.
describe('Nova’s acceptance cases: a reboot that fails', () => {
  it('E1: with a plain exception: the owner reads no word of it, an administrator all (Nova: and it is in error)', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: foreignError() } });
    await endedAsPromised(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    // Its guest was not touched, and runs.
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', taskState: null });
    const [own] = await fake.compute.api.listFaults(tenant, instanceUuid);
    expect(own).toMatchObject(isInternal);
    expect(own).not.toHaveProperty('operator');
    const [whole] = await fake.compute.operator.listFaults(admin, instanceUuid);
    const { failures } = whole?.operator ?? {};
    expect(JSON.stringify(failures)).toContain(foreignError().message);
    expect(JSON.stringify(failures)).toContain('rebootInstance');
  });

  it('E2: with a plain exception: its step and its action say Error, the traceback is for administrators', async () => {
    await using fake = await runningInstance();
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error: foreignError() } });
    const action = await endedAsPromised(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    expect(action).toMatchObject({ state: 'failed', failure: isInternal });
    const [event] = await fake.compute.operator.listEvents(admin, action.uuid);
    expect(event).toMatchObject({ name: 'compute_reboot_instance', result: 'Error', failure: isInternal });
    expect(event?.operator.traceback).toContain('rebootInstance');
    expect(await tenantText(fake)).not.toContain('rebootInstance');
  });

  it('E3: with an error of ours: the details are its text', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'disk' });
    fake.hypervisor.faults.add({ at: 'reboot', fault: { type: 'throw', error } });
    const action = await endedAsPromised(fake, fake.compute.api.reboot(tenant, instanceUuid, 'HARD'));
    const [event] = await fake.compute.operator.listEvents(admin, action.uuid);
    expect(event).toMatchObject({ result: 'Error', failure: { code: error.code, message: error.message } });
  });
});
