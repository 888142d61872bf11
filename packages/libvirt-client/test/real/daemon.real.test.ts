import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DomainEventType,
  DomainMetadataType,
  DomainModificationImpact,
  DomainState,
  ErrorNumber,
  LibvirtClient,
  LibvirtError,
  procedures,
  RpcConnection,
  type DomainEvent,
  type EventSubscription,
} from '../../src/index.js';

let daemon: PrivateLibvirtd;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vk-rpc-'));
  daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
});

afterAll(async () => {
  await daemon.stop();
});

function guestXml(name: string, uuid: string): string {
  return `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
    <devices><serial type='pty'/><console type='pty'><target type='serial' port='0'/></console></devices></domain>`;
}

function connectToTest(): Promise<RpcConnection> {
  return RpcConnection.open({ uri: 'test:///default', socketPath: daemon.socketPath });
}

/** The next lifecycle event of a domain. */
async function nextEvent(
  events: AsyncIterator<{ kind: string; event?: DomainEvent<'lifecycle'> }>,
  name: string,
): Promise<number | undefined> {
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) return undefined;
    if (value.event?.dom.name === name) return value.event.event;
  }
}

function iterate<Event>(subscription: EventSubscription<Event>): AsyncIterator<{ kind: string; event?: Event }> {
  return subscription[Symbol.asyncIterator]();
}

describe('the test driver of a real daemon', () => {
  it('answers about itself', async () => {
    await using connection = await connectToTest();
    expect(await connection.getURI()).toBe('test:///default');
    expect(await connection.getLibVersion()).toBeGreaterThanOrEqual(9_000_000);
    expect(await connection.getHostname()).not.toBe('');
    expect(await connection.nodeGetInfo()).toMatchObject({ model: 'i686', cpus: 16, memoryKib: 3_145_728n });
    expect(await connection.getCapabilities()).toMatch(/^<capabilities>/);
  });

  it('knows its domain by name, uuid and id, alone and in the list', async () => {
    await using connection = await connectToTest();
    const [domain] = await connection.listAllDomains();
    if (domain === undefined) throw new Error('the test driver has no domain');
    const facts = { name: 'test', uuid: domain.uuid, id: 1 };
    expect(domain).toMatchObject(facts);
    expect(await connection.lookupByName('test')).toMatchObject(facts);
    expect(await connection.lookupByUUID(domain.uuid)).toMatchObject(facts);
    expect(await connection.lookupByID(1)).toMatchObject(facts);
    expect(await domain.getState()).toMatchObject({ state: DomainState.VIR_DOMAIN_RUNNING });
    expect(await domain.getInfo()).toMatchObject({ state: 1, maxMem: 8_388_608n, memory: 2_097_152n, nrVirtCpu: 2 });
    expect(await domain.getXMLDesc()).toContain(`<uuid>${domain.uuid}</uuid>`);
    expect(await domain.isActive()).toBe(true);
    expect(await domain.isPersistent()).toBe(true);
    expect(await domain.hasManagedSaveImage()).toBe(false);
  });

  it('defines, starts, suspends, resumes, stops and undefines a domain, and tells of each', async () => {
    await using connection = await connectToTest();
    await using subscription = await connection.domainEventRegisterAny('lifecycle');
    const events = iterate(subscription);
    const uuid = 'b0000000-0000-4000-8000-00000000000b';
    const xml = `<domain type='test'><name>life</name><uuid>${uuid}</uuid><memory>65536</memory><os><type>hvm</type></os></domain>`;
    const defined = await connection.defineXMLFlags(xml);
    expect(defined).toMatchObject({ name: 'life', uuid, id: -1 });
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_DEFINED);
    const started = await defined.createWithFlags();
    expect(started.id).toBeGreaterThan(0);
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_STARTED);
    await defined.suspend();
    expect(await defined.getState()).toMatchObject({ state: DomainState.VIR_DOMAIN_PAUSED });
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_SUSPENDED);
    await defined.resume();
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_RESUMED);
    await defined.destroyFlags();
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_STOPPED);
    await defined.undefineFlags();
    expect(await nextEvent(events, 'life')).toBe(DomainEventType.VIR_DOMAIN_EVENT_UNDEFINED);
  });

  it("refuses with libvirt's codes", async () => {
    await using connection = await connectToTest();
    const domain = await connection.lookupByName('test');
    const stopped = await connection.defineXMLFlags(
      `<domain type='test'><name>stopped</name><memory>65536</memory><os><type>hvm</type></os></domain>`,
    );
    const refusals: readonly [() => Promise<unknown>, number, string][] = [
      [() => connection.lookupByName('nobody'), ErrorNumber.VIR_ERR_NO_DOMAIN, 'domainLookupByName'],
      [() => connection.defineXMLFlags('<domain'), ErrorNumber.VIR_ERR_XML_DETAIL, 'domainDefineXMLFlags'],
      [() => stopped.destroyFlags(), ErrorNumber.VIR_ERR_OPERATION_INVALID, 'domainDestroyFlags'],
      // The codes are coarse, and each driver has its own taste: QEMU's says OPERATION_INVALID to this.
      [() => domain.createWithFlags(), ErrorNumber.VIR_ERR_INTERNAL_ERROR, 'domainCreateWithFlags'],
    ];
    for (const [call, code, procedure] of refusals) {
      const error = await call().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, procedure });
      expect(LibvirtError.is(error, code)).toBe(true);
    }
    await stopped.undefineFlags();
  });

  it('sees one event registration although two subscribe', async () => {
    await using connection = await connectToTest();
    await using first = await connection.domainEventRegisterAny('lifecycle');
    await using second = await connection.domainEventRegisterAny('lifecycle');
    const domain = await connection.lookupByName('test');
    await domain.suspend();
    await domain.resume();
    for (const subscription of [first, second]) {
      expect(await nextEvent(iterate(subscription), 'test')).toBe(DomainEventType.VIR_DOMAIN_EVENT_SUSPENDED);
    }
    await first.close();
    await second.close();
    await using again = await connection.domainEventRegisterAny('lifecycle');
    await domain.suspend();
    await domain.resume();
    expect(await nextEvent(iterate(again), 'test')).toBe(DomainEventType.VIR_DOMAIN_EVENT_SUSPENDED);
  });

  it('takes a thousand calls side by side', async () => {
    await using connection = await RpcConnection.open({
      ...{ uri: 'test:///default', socketPath: daemon.socketPath, window: 64, priorityWindow: 64 },
    });
    const domain = await connection.lookupByName('test');
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      index % 2 === 0 ? domain.getState() : connection.call(procedures.domainGetInfo, { dom: domain }),
    );
    for (const result of await Promise.all(calls)) expect(result).toMatchObject({ state: 1 });
  });

  it('lets readers read and nothing else', async () => {
    const options = { uri: 'test:///default', socketPath: `${daemon.socketPath}-ro`, access: 'read-only' } as const;
    await using connection = await RpcConnection.open(options);
    const domain = await connection.lookupByName('test');
    await expect(domain.suspend()).rejects.toMatchObject({ code: ErrorNumber.VIR_ERR_OPERATION_DENIED });
  });
});

describe('the QEMU driver of a real daemon', () => {
  const uuid = 'a0000000-0000-4000-8000-00000000000a';

  it('runs a guest through the client, keeps its metadata and gives its console', async () => {
    await using client = await LibvirtClient.connect({ uri: daemon.uri });
    expect(await client.getVersion()).toBeGreaterThanOrEqual(7_000_000);
    expect(await client.getDomainCapabilities({ virttype: 'qemu', arch: 'x86_64' })).toMatch(/^<domainCapabilities>/);
    await using subscription = await client.domainEventRegisterAny('lifecycle');
    const events = iterate(subscription);
    const guest = await client.defineXMLFlags(guestXml('guest', uuid), 0, { domainUuid: uuid });
    const ns = 'urn:example:owner';
    const element = DomainMetadataType.VIR_DOMAIN_METADATA_ELEMENT;
    const inConfig = DomainModificationImpact.VIR_DOMAIN_AFFECT_CONFIG;
    await guest.setMetadata(element, '<owner>me</owner>', 'o', ns, inConfig);
    expect(await guest.getMetadata(element, ns, inConfig)).toContain('me</');
    await guest.setMetadata(element, null, 'o', ns, inConfig);
    await expect(guest.getMetadata(element, ns, inConfig)).rejects.toMatchObject({
      code: ErrorNumber.VIR_ERR_NO_DOMAIN_METADATA,
    });
    await guest.createWithFlags();
    expect(await guest.getState()).toMatchObject({ state: DomainState.VIR_DOMAIN_RUNNING });
    const stats = await client.getAllDomainStats(0, 0, [guest]);
    expect(stats[0]?.dom.uuid).toBe(uuid);
    expect(stats[0]?.params).toMatchObject({ 'state.state': 1 });
    await guest.destroyFlags();
    await guest.undefineFlags();
    const seen = new Set<number | undefined>();
    while (!seen.has(DomainEventType.VIR_DOMAIN_EVENT_UNDEFINED)) seen.add(await nextEvent(events, 'guest'));
    expect(seen).toContain(DomainEventType.VIR_DOMAIN_EVENT_STARTED);
    await expect(client.lookupByUUID(uuid)).rejects.toMatchObject({ code: ErrorNumber.VIR_ERR_NO_DOMAIN });
  });

  it('gives the console of a guest as a stream, which ends with the guest', async () => {
    await using client = await LibvirtClient.connect({ uri: daemon.uri });
    const guest = await client.createXML(guestXml('console', uuid), 0, { domainUuid: uuid });
    const stream = await guest.openConsole(null);
    await guest.destroyFlags();
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    expect(bytes).toBeGreaterThanOrEqual(0);
    await stream.ended;
  });
});

describe('a daemon that is killed', () => {
  it('fails what is pending at once; the client is there again, subscribed, and says that events may be missing', async () => {
    await using client = await LibvirtClient.connect({ uri: 'test:///default', socketPath: daemon.socketPath });
    await using subscription = await client.domainEventRegisterAny('lifecycle');
    const events = iterate(subscription);
    const domain = await client.lookupByName('test');
    const endings = Promise.all(
      Array.from({ length: 200 }, () =>
        domain.getInfo().then(
          () => 'done',
          (error: unknown) => error,
        ),
      ),
    );
    await daemon.kill('SIGKILL');
    for (const ending of await endings) {
      if (ending !== 'done') expect(ending).toMatchObject({ name: 'LibvirtConnectionError' });
    }
    await expect(domain.getInfo()).rejects.toMatchObject({ name: 'LibvirtConnectionError', sent: false });
    await daemon.start();
    await client.whenConnected({ timeoutMs: 60_000 });
    expect(await events.next()).toEqual({ done: false, value: { kind: 'resync', reason: 'reconnected' } });
    await domain.suspend();
    expect(await nextEvent(events, 'test')).toBe(DomainEventType.VIR_DOMAIN_EVENT_SUSPENDED);
  });

  it('leaves a call that was sent with an unknown outcome', async () => {
    await using connection = await RpcConnection.open({ uri: daemon.uri });
    process.kill(daemon.pid, 'SIGSTOP');
    const pending = connection.getHostname();
    const failed = expect(pending).rejects.toMatchObject({
      name: 'LibvirtConnectionError',
      reason: 'lost',
      sent: true,
    });
    // Sent before the daemon dies, as nothing else can happen in between.
    await Promise.resolve();
    await daemon.kill('SIGKILL');
    await failed;
    expect(await connection.closed).toMatchObject({ reason: 'lost' });
    await daemon.start();
  });
});
