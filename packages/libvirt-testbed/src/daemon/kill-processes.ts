import { setTimeout as delay } from 'node:timers/promises';
import { isRefusal } from '../is-refusal.js';
import { testbedProcesses, type TestbedProcess } from './testbed-processes.js';

const POLL_INTERVAL_MS = 20;

/**
 * Kills every process of the testbed that `chosen` picks, and resolves when none is left. Looks again after each round:
 * a daemon may have been starting another guest. Strangers are left alone.
 * @throws Error naming the processes that outlive `timeoutMs`
 */
export async function killProcesses(
  directory: string,
  chosen: (found: TestbedProcess) => boolean,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const remaining = (await testbedProcesses(directory)).filter((found) => found.owner === 'testbed' && chosen(found));
    if (remaining.length === 0) return;
    if (Date.now() > deadline) {
      const list = remaining.map(({ pid, commandLine }) => `${pid} ${commandLine.slice(0, 80)}`).join('; ');
      throw new Error(`processes of ${directory} did not end within ${timeoutMs} ms of SIGKILL: ${list}`);
    }
    for (const { pid } of remaining) kill(pid);
    await delay(POLL_INTERVAL_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isRefusal(error, 'ESRCH')) throw error;
  }
}
