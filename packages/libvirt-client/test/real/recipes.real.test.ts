import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildGuestImage, guestDomainXml, startPrivateLibvirtd, type PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainCreateFlags, DomainEventType, DomainState, LibvirtClient } from '../../src/index.js';
import { makeCertificates } from '../transport/make-certificates.js';
import { ListeningLibvirtd } from './listening-libvirtd.js';
import { readmeRecipes, RunningRecipe } from './readme-recipes.js';

/** The programs of README.md do what it says, on a real daemon, exactly as they are printed there. */
const recipes = await readmeRecipes();
const uuid = 'c0000000-0000-4000-8000-00000000000d';

let root: string;
let daemon: PrivateLibvirtd;
let client: LibvirtClient;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vk-cook-'));
  daemon = await startPrivateLibvirtd({ directory: join(root, 'a') });
  client = await LibvirtClient.connect({ uri: daemon.uri });
  const disk = join(daemon.imagesDirectory, 'guest.qcow2');
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '8M']);
  await writeFile(
    join(daemon.directory, 'guest.xml'),
    `<domain type='qemu'><name>guest</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='q35'>hvm</type></os>
      <devices>
        <disk type='file'>
          <driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/>
        </disk>
      </devices></domain>`,
  );
});

afterAll(async () => {
  await client.close();
  await daemon.stop();
  await rm(root, { recursive: true });
});

async function start(title: string, ...args: string[]): Promise<RunningRecipe> {
  const source = recipes.get(title);
  if (source === undefined) throw new Error(`README.md has no recipe “${title}”, only: ${[...recipes.keys()].join()}`);
  return await RunningRecipe.start(source, { directory: daemon.directory, args });
}

async function outputOf(title: string, ...args: string[]): Promise<string> {
  return (await start(title, ...args)).ended;
}

/** The next lifecycle event of this kind. */
async function lifecycle(wanted: number, cause: () => void | Promise<void>): Promise<void> {
  await using deliveries = await client.domainEventRegisterAny('lifecycle');
  await cause();
  for await (const delivery of deliveries) if (delivery.kind === 'event' && delivery.event.event === wanted) return;
}

async function createBootingGuest(): Promise<void> {
  const xml = guestDomainXml({ name: 'guest', uuid, image: await buildGuestImage(), serialLogPath: '/unused' });
  const withConsole = xml.replace(/<serial type='file'>.*?<\/serial>/, "<serial type='pty'/><console type='pty'/>");
  await client.createXML(withConsole, DomainCreateFlags.VIR_DOMAIN_START_PAUSED);
}

it('README.md has ten recipes beside its first program, and each is short', () => {
  expect(recipes.size).toBe(11);
  for (const [title, source] of recipes) expect(source.trimEnd().split('\n').length, title).toBeLessThanOrEqual(15);
});

// In this order: each finds the guest as the one before has left it.
describe('a recipe runs:', () => {
  it('Start a guest', async () => {
    expect(await outputOf('Start a guest')).toBe('guest runs, with the id 1\n');
    expect(await outputOf('Start a guest')).toBe('guest runs already\n');
  });

  it('The first program', async () => {
    expect(await outputOf('The first program')).toBe(`guest ${uuid} ${DomainState.VIR_DOMAIN_RUNNING}\n`);
  });

  it('Statistics of all domains', async () => {
    expect(await outputOf('Statistics of all domains')).toBe('guest 1 32768n\n');
  });

  it('Call what has no method', async () => {
    expect(await outputOf('Call what has no method')).toBe('1 running\n');
  });

  it('Stop it with a deadline', async () => {
    const qemu = Number(await readFile(join(daemon.directory, 'run/qemu/guest.pid'), 'utf8'));
    await lifecycle(DomainEventType.VIR_DOMAIN_EVENT_STOPPED, async () => {
      // It cannot heed the signal that is to end it, and the daemon waits longer for that than the recipe does.
      process.kill(qemu, 'SIGSTOP');
      expect(await outputOf('Stop it with a deadline')).toBe('it may be off, now or later: look\n');
      process.kill(qemu, 'SIGCONT');
    });
    await (await client.lookupByUUID(uuid)).create();
    expect(await outputOf('Stop it with a deadline')).toBe('it is off\n');
  });

  it('Try something, and go back', async () => {
    expect(await outputOf('Try something, and go back')).toBe('true false\n');
  });

  it('Watch what happens', async () => {
    const recipe = await start('Watch what happens');
    await recipe.prints('watching\n');
    const guest = await client.lookupByUUID(uuid);
    await guest.create();
    await recipe.prints('guest has started\n');
    await daemon.kill('SIGKILL');
    await daemon.start();
    await recipe.prints('events may be missing; these run: guest\n');
    await recipe.kill();
    await client.whenConnected();
    await guest.destroy();
    await guest.undefineFlags();
  });

  it('Fill a volume and read it back', async () => {
    const path = join(root, 'pool');
    await mkdir(path);
    const xml = `<pool type='dir'><name>default</name><target><path>${path}</path></target></pool>`;
    await client.storagePoolCreateXML(xml);
    const content = Buffer.alloc(8 * 1024 * 1024);
    randomBytes(65_536).copy(content, 4 * 1024 * 1024);
    await writeFile(join(daemon.directory, 'disk.raw'), content);
    expect(await outputOf('Fill a volume and read it back')).toMatch(/^\d+n bytes of the disk are in use\n$/);
    expect(content.equals(await readFile(join(daemon.directory, 'copy.raw')))).toBe(true);
    expect(content.equals(await readFile(join(path, 'disk.raw')))).toBe(true);
  });

  it("Sit at a guest's serial console", async () => {
    await createBootingGuest();
    const recipe = await start("Sit at a guest's serial console");
    await (await client.lookupByUUID(uuid)).resume();
    await recipe.prints('GUEST-UP');
    recipe.stdin.write('echo answer=$((6 * 7))\n');
    await recipe.prints('answer=42');
    recipe.stdin.end();
    await recipe.ended;
  });

  it('Move a running guest there', async () => {
    const there = await startPrivateLibvirtd({ directory: join(root, 'b') });
    try {
      const nowhere = `qemu+unix:///system?socket=${root}/nobody`;
      expect(await outputOf('Move a running guest there', nowhere)).toBe(
        'connect destination not sent and now the guest is at the source\n',
      );
      expect(await outputOf('Move a running guest there', there.uri, 'tcp://127.0.0.1')).toBe('guest has moved\n');
      await using destination = await LibvirtClient.connect({ uri: there.uri });
      const moved = await destination.lookupByUUID(uuid);
      expect(await moved.getState()).toMatchObject({ state: DomainState.VIR_DOMAIN_RUNNING });
      expect(await client.listAllDomains()).toEqual([]);
    } finally {
      await there.stop();
    }
  });

  it('Go to another host', async () => {
    const [pki, strangers] = [join(root, 'pki'), join(root, 'strangers')];
    await makeCertificates(pki);
    await makeCertificates(strangers);
    await using host = await ListeningLibvirtd.start({ directory: join(root, 'c'), pki, auth: 'none' });
    const uri = `test+tls://localhost:${host.tlsPort}/default?pkipath=`;
    expect(await outputOf('Go to another host', uri + pki)).toMatch(/^\S+ test:\/\/\/default\n$/);
    expect(await outputOf('Go to another host', uri + strangers)).toMatch(/^authentication .+\n$/s);
  });
});
