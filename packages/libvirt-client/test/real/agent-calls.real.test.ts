import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildGuestImage,
  guestDomainXml,
  startPrivateLibvirtd,
  waitForLine,
  type PrivateLibvirtd,
} from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConnectDomainEventAgentLifecycleState,
  DomainMetadataType,
  DomainShutdownFlagValues,
  LibvirtClient,
  type Domain,
} from '../../src/index.js';

/** Long enough for a busy machine, and far shorter than any call that hangs. */
const SOON_MS = 20_000;
const BLOCK = -2;

let daemon: PrivateLibvirtd;
let client: LibvirtClient;
let guest: Domain;
let serialLogPath: string;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-agent-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
  client = await LibvirtClient.connect({ uri: 'qemu:///system', socketPath: daemon.socketPath });
  serialLogPath = join(directory, 'guest.log');
  const xml = guestDomainXml({ name: 'guest', image: await buildGuestImage(), serialLogPath });
  await using agents = await client.domainEventRegisterAny('agentLifecycle');
  guest = await client.createXML(xml);
  for await (const delivery of agents) {
    if (delivery.kind !== 'event') continue;
    const { state } = delivery.event;
    if (state === ConnectDomainEventAgentLifecycleState.VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED) break;
  }
}, 600_000);

afterAll(async () => {
  await client.close();
  await daemon.stop();
});

async function agent(execute: string, args: object, timeout = BLOCK, signal?: AbortSignal): Promise<string | null> {
  const command = JSON.stringify({ execute, arguments: args });
  return guest.qemuAgentCommand(command, timeout, 0, signal === undefined ? {} : { signal });
}

/** The program that the agent runs to set a password, and waits for, never ends from now on. */
async function makePasswordsHang(): Promise<void> {
  const script = 'printf "#!/bin/sh\\nsleep 100000\\n" > /sbin/chpasswd';
  const started = await agent('guest-exec', { path: '/bin/sh', arg: ['-c', script] });
  const { pid } = (JSON.parse(started ?? '') as { readonly return: { readonly pid: number } }).return;
  for (let exited = false; !exited;) {
    const status = (await agent('guest-exec-status', { pid })) ?? '';
    ({ exited } = (JSON.parse(status) as { readonly return: { readonly exited: boolean } }).return);
  }
}

describe('an agent of a real guest that never answers', () => {
  it('holds up no suspend, resume, metadata or ACPI shutdown of its domain, only calls to itself', async () => {
    await makePasswordsHang();
    const password = { username: 'root', password: Buffer.from('secret').toString('base64'), crypted: false };
    const controller = new AbortController();
    const hanging = agent('guest-set-user-password', password, BLOCK, controller.signal);
    const options = { timeoutMs: SOON_MS };
    await guest.suspend(options);
    await guest.resume(options);
    await expect(guest.fsFreeze([], 0, { timeoutMs: 300 })).rejects.toMatchObject({ sent: false });
    controller.abort();
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError', sent: true });
    await expect(guest.getTime(0, { timeoutMs: 300 })).rejects.toMatchObject({ sent: false });

    await guest.suspend(options);
    await guest.resume(options);
    await guest.setMetadata(DomainMetadataType.VIR_DOMAIN_METADATA_TITLE, 'told', null, null, 0, options);
    await guest.shutdownFlags(DomainShutdownFlagValues.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, options);
    expect(await waitForLine(serialLogPath, /^GUEST-DOWN/, { timeoutMs: 120_000 })).toContain('GUEST-DOWN');
  });
});
