import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { isMissing } from './is-missing.js';

/** The form of a mark: of the boot, the process id, the moment it was started. Fit for a file name. */
export const markPattern = /^[0-9a-f]{8}-[0-9]+-[0-9]+$/;

let ownMark: Promise<string> | undefined;

/**
 * Names this process so that no other one ever has the name: process ids come again, and after a restart of the host (or of a container)
 * they come again at once.
 */
export function processMark(): Promise<string> {
  ownMark ??= Promise.all([bootMark(), startTicks(process.pid)]).then(
    ([boot, ticks]) => `${boot}-${process.pid}-${ticks ?? '0'}`,
  );
  return ownMark;
}

/** True while the process of a mark runs on this host. */
export async function isAlive(mark: string): Promise<boolean> {
  const [boot, pid, ticks] = mark.split('-');
  if (boot !== (await bootMark())) return false;
  return (await startTicks(Number(pid))) === ticks;
}

async function bootMark(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).slice(0, 8);
}

/** When a process was started, in the kernel's ticks since the host was; `undefined` for one that does not run any more. */
async function startTicks(pid: number): Promise<string | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  } catch (failure) {
    if (isMissing(failure) || (failure as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
    throw failure;
  }
  // The second field is the program's name in parentheses, and may hold anything. See proc_pid_stat(5): state is field 3, starttime 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isGone = fields[0] === 'Z' || fields[0] === 'X';
  return isGone ? undefined : fields[22 - 3];
}
