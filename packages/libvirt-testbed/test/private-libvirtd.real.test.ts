import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildGuestImage,
  createBridge,
  guestDomainXml,
  leftovers,
  startPrivateLibvirtd,
  waitForLine,
  type GuestImage,
  type PrivateLibvirtd,
} from '@virtkit/libvirt-testbed';
import { cacheDirectory } from '../src/cache-directory.js';
import { testbedProcesses } from '../src/daemon/testbed-processes.js';

let image: GuestImage;
let root: string;
let directory: string;
beforeAll(async () => void (image = await buildGuestImage()));
beforeEach(async () => {
  root = await mkdtemp('/tmp/vkt-');
  directory = join(root, 'bed');
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function virsh(daemon: PrivateLibvirtd, ...command: string[]): Promise<string> {
  return (await promisify(execFile)('virsh', ['--connect', daemon.uri, ...command])).stdout.trim();
}

function serialLog(name: string): string {
  return join(root, `${name}.log`);
}

async function domainFile(name: string, bridge?: string): Promise<string> {
  const path = join(root, `${name}.xml`);
  await writeFile(path, guestDomainXml({ name, image, serialLogPath: serialLog(name), ...(bridge && { bridge }) }));
  return path;
}

/** Empty when the process has ended, even if nobody has reaped it yet. */
async function commandLine(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

async function keeperPid(): Promise<number> {
  const keeper = (await testbedProcesses(directory)).find(({ kind }) => kind === 'other');
  if (!keeper) throw new Error(`no keeper runs for ${directory}`);
  return keeper.pid;
}

describe('a private libvirtd', () => {
  it('boots a guest, which shuts down when its power button is pressed', async () => {
    await using daemon = await startPrivateLibvirtd({ directory });
    await virsh(daemon, 'define', await domainFile('guest'));
    await virsh(daemon, 'start', 'guest');
    const uuid = await virsh(daemon, 'domuuid', 'guest');
    expect(await waitForLine(serialLog('guest'), /^GUEST-UP/)).toBe(`GUEST-UP ${uuid}`);

    await virsh(daemon, 'shutdown', 'guest', '--mode', 'acpi');
    await waitForLine(serialLog('guest'), /^GUEST-DOWN/);
    await vi.waitUntil(async () => (await virsh(daemon, 'domstate', 'guest')) === 'shut off', { timeout: 60_000 });
  });

  it('keeps its guest, whose agent answers, when it is killed and started again', async () => {
    await using daemon = await startPrivateLibvirtd({ directory });
    const killed = daemon.pid;
    const hostUuid = await readFile(join(directory, 'host-uuid'), 'utf8');
    await virsh(daemon, 'create', await domainFile('guest'));
    await waitForLine(serialLog('guest'), /^GUEST-UP/);

    await daemon.kill('SIGKILL');
    expect(() => daemon.pid).toThrow(/no libvirtd runs/);
    await daemon.start();

    expect(daemon.pid).not.toBe(killed);
    expect(await readFile(join(directory, 'host-uuid'), 'utf8')).toBe(hostUuid);
    expect(await virsh(daemon, 'domstate', 'guest')).toBe('running');
    const ping = ['qemu-agent-command', 'guest', '{"execute":"guest-ping"}', '--timeout', '10'];
    await vi.waitUntil(() => virsh(daemon, ...ping).catch(() => ''), { timeout: 60_000 });
  });

  it('leaves nothing after stop, which may be called twice, and is not disturbed by the stop of another', async () => {
    const other = await startPrivateLibvirtd({ directory: join(root, 'other') });
    await using daemon = await startPrivateLibvirtd({ directory, directoryAfterStop: 'remove' });
    await virsh(other, 'create', await domainFile('first'));
    await virsh(daemon, 'create', await domainFile('second'));

    await Promise.all([other.stop(), other.stop()]);
    expect(await leftovers(other.directory)).toEqual([]);
    expect(await readdir(other.directory)).toContain('lib');
    expect(await virsh(daemon, 'domstate', 'second')).toBe('running');

    await daemon.stop();
    expect(await leftovers(directory)).toEqual([]);
    await expect(stat(directory)).rejects.toThrow(/ENOENT/);
  });

  it('stops as cleanly when its daemon was killed before', async () => {
    const daemon = await startPrivateLibvirtd({ directory });
    await virsh(daemon, 'create', await domainFile('guest'));
    await daemon.kill('SIGKILL');
    expect((await leftovers(directory)).join('\n')).toMatch(/^guest process \d+/m);
    await daemon.stop();
    expect(await leftovers(directory)).toEqual([]);
  });

  it('puts a guest on a bridge, and its tap counts as left over until the guest is gone', async () => {
    await using bridge = await createBridge(`vkb${process.pid}`.slice(0, 15));
    await using daemon = await startPrivateLibvirtd({ directory });
    await virsh(daemon, 'create', await domainFile('guest', bridge.name));
    const [tap] = await readdir(`/sys/class/net/${bridge.name}/brif`);
    expect(await leftovers(directory)).toContain(`tap device ${tap} of its guests`);
    await daemon.stop();
    expect(await leftovers(directory)).toEqual([]);
  });

  it('ends with its guests when the process that owns it is killed', async () => {
    const owner = await startOwner();
    expect((await testbedProcesses(directory)).map(({ kind }) => kind).sort()).toEqual(['daemon', 'guest', 'other']);
    owner.kill('SIGKILL');
    await vi.waitUntil(async () => (await leftovers(directory)).length === 0, { timeout: 60_000 });
  });

  it('clears away, at the next start, a guest that outlived daemon and keeper, and keeps the definitions', async () => {
    const before = await startPrivateLibvirtd({ directory });
    await virsh(before, 'define', await domainFile('guest'));
    await virsh(before, 'start', 'guest');
    process.kill(await keeperPid(), 'SIGKILL');
    await vi.waitUntil(async () => (await testbedProcesses(directory)).every(({ kind }) => kind === 'guest'), {
      timeout: 60_000,
    });
    expect(await testbedProcesses(directory)).toHaveLength(1);

    await using daemon = await startPrivateLibvirtd({ directory });
    expect((await testbedProcesses(directory)).filter(({ kind }) => kind === 'guest')).toEqual([]);
    expect(await virsh(daemon, 'domstate', 'guest')).toBe('shut off');
  });

  it('clears away what runs on a directory that was deleted meanwhile', async () => {
    const before = await startPrivateLibvirtd({ directory });
    await virsh(before, 'create', await domainFile('guest'));
    const deleted = (await testbedProcesses(directory)).map(({ pid }) => pid);
    await rm(directory, { recursive: true });

    await using daemon = await startPrivateLibvirtd({ directory });
    const pids = (await testbedProcesses(directory)).map(({ pid }) => pid);
    expect(pids).toContain(daemon.pid);
    expect(deleted).toHaveLength(3);
    expect(await Promise.all(deleted.map(commandLine))).toEqual(['', '', '']);
  });

  it('spares a guest of another that uses a file of its directory, and reports it', async () => {
    await using other = await startPrivateLibvirtd({ directory: join(root, 'other') });
    const daemon = await startPrivateLibvirtd({ directory });
    const xml = guestDomainXml({ name: 'guest', image, serialLogPath: join(directory, 'guest.log') });
    await writeFile(join(root, 'guest.xml'), xml);
    await virsh(other, 'create', join(root, 'guest.xml'));

    await daemon.stop();
    expect(await virsh(other, 'domstate', 'guest')).toBe('running');
    const reported = await leftovers(directory);
    expect(reported.filter((line) => !line.startsWith("another testbed's guest"))).toEqual([]);
  });

  it('stops in time although it was made to hang', async () => {
    const daemon = await startPrivateLibvirtd({ directory });
    process.kill(daemon.pid, 'SIGSTOP');
    await daemon.stop();
    expect(await leftovers(directory)).toEqual([]);
  });

  it('leaves its guests in the control groups of their owner', async () => {
    await using daemon = await startPrivateLibvirtd({ directory });
    await virsh(daemon, 'create', await domainFile('guest'));
    const guest = (await testbedProcesses(directory)).find(({ kind }) => kind === 'guest');
    expect(await readFile(`/proc/${guest?.pid}/cgroup`, 'utf8')).toBe(await readFile('/proc/self/cgroup', 'utf8'));
  });

  it('tells the end of its log when it does not start, and leaves nothing', async () => {
    // A uuid by its form, but libvirt takes none whose digits are all the same.
    const hostUuid = '11111111-1111-1111-1111-111111111111';
    await expect(startPrivateLibvirtd({ directory, hostUuid })).rejects.toThrow(
      /exit code \d+ before.*host_uuid|UUID/s,
    );
    expect(await leftovers(directory)).toEqual([]);
  });

  it('leaves nothing when its start is aborted', async () => {
    const abort = new AbortController();
    const log = (): void => abort.abort(new Error('enough'));
    await expect(startPrivateLibvirtd({ directory, log, signal: abort.signal })).rejects.toThrow('enough');
    expect(await leftovers(directory)).toEqual([]);
  });

  it('is refused to a process that is not root', async () => {
    using getuid = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(startPrivateLibvirtd({ directory })).rejects.toThrow(/needs root/);
    expect(getuid).toHaveBeenCalled();
    await expect(stat(directory)).rejects.toThrow(/ENOENT/);
  });
});

/** Resolves once the daemon of another process has a running guest. */
async function startOwner() {
  const script = join(root, 'owner.mjs');
  const entry = fileURLToPath(new URL('fixtures/owner.ts', import.meta.url));
  const testbed = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const alias = { '@virtkit/libvirt-testbed': testbed };
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: 'node', format: 'esm', alias });
  await mkdir(directory);
  const args = [script, directory, cacheDirectory('libvirt-cache'), await domainFile('guest')];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [ready] = await Promise.race([once(owner.stdout, 'data'), once(owner, 'exit')]);
  expect(String(ready)).toBe('ready\n');
  return owner;
}
