import type { Stats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { unlessGone } from '../unless-gone.js';
import { pathInFileSystem } from './path-in-file-system.js';

export interface TestbedProcess {
  readonly pid: number;
  readonly kind: 'daemon' | 'guest' | 'other';
  /** `stranger` is a guest of somebody else that uses a file of the directory. */
  readonly owner: 'testbed' | 'stranger';
  readonly commandLine: string;
}

/**
 * Every process that lives in a mount namespace made for this directory, told by what it sees at /run/libvirt and never
 * by its name; also every other QEMU whose command line mentions the directory.
 */
export async function testbedProcesses(directory: string): Promise<readonly TestbedProcess[]> {
  const runDirectory = await unlessGone(stat(`${directory}/run`));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => inspect(pid, directory, runDirectory)));
  return found.filter((entry) => entry !== undefined);
}

async function inspect(
  pid: number,
  directory: string,
  runDirectory: Stats | undefined,
): Promise<TestbedProcess | undefined> {
  if (pid === process.pid) return undefined;
  const commandLine = (await unlessGone(readFile(`/proc/${pid}/cmdline`, 'utf8')))?.replaceAll('\0', ' ').trim();
  if (!commandLine) return undefined;
  const program = (await unlessGone(readlink(`/proc/${pid}/exe`))) ?? '';
  const kind = /\/qemu-system-[^/]+$/.test(program) ? 'guest' : /\/libvirtd$/.test(program) ? 'daemon' : 'other';
  const seen = await unlessGone(stat(`/proc/${pid}/root/run/libvirt`));
  const deleted = seen?.nlink === 0 && (await boundDeleted(pid, directory));
  if (deleted || isSame(seen, runDirectory)) return { pid, kind, owner: 'testbed', commandLine };
  if (kind === 'guest' && mentions(commandLine, directory)) return { pid, kind, owner: 'stranger', commandLine };
  return undefined;
}

/** `/tmp/a` is not mentioned by `/tmp/ab`. */
export function mentions(text: string, directory: string): boolean {
  for (let at = text.indexOf(directory); at >= 0; at = text.indexOf(directory, at + 1)) {
    if (!/[\w.+-]/.test(text[at + directory.length] ?? ' ')) return true;
  }
  return false;
}

/** Whether the directory was deleted under this process. The kernel still tells its path. */
async function boundDeleted(pid: number, directory: string): Promise<boolean> {
  const mounts = (await unlessGone(readFile(`/proc/${pid}/mountinfo`, 'utf8'))) ?? '';
  const path = /^\d+ \d+ \S+ (\/\S+\/run)\/\/deleted \/run\/libvirt /m.exec(mounts)?.[1];
  if (path === undefined) return false;
  return path === pathInFileSystem(await readFile('/proc/self/mountinfo', 'utf8'), `${directory}/run`);
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}
