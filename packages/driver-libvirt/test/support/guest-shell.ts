import { setTimeout as delay } from 'node:timers/promises';
import type { RealHost } from './real-host.js';

const ATTEMPTS_MAX = 400;
const INTERVAL_MS = 100;

/** Runs a line inside a guest, through its agent, and answers with what it printed. */
export async function guestShell(host: RealHost, uuid: string, line: string): Promise<string> {
  const agent = async (execute: string, args: object): Promise<Record<string, unknown>> => {
    const command = JSON.stringify({ execute, arguments: args });
    const answer = JSON.parse(await host.virsh('qemu-agent-command', uuid, command)) as { return: object };
    return { ...answer.return };
  };
  await until(async () => (await agent('guest-info', {}).catch(() => undefined)) !== undefined);
  const { pid } = await agent('guest-exec', { path: '/bin/sh', arg: ['-c', line], 'capture-output': true });
  let printed = '';
  await until(async () => {
    const { exited, 'out-data': output } = await agent('guest-exec-status', { pid });
    if (typeof output === 'string') printed = Buffer.from(output, 'base64').toString();
    return exited === true;
  });
  return printed;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (await isSo()) return;
    await delay(INTERVAL_MS);
  }
  throw new Error(`the guest's agent has not answered within ${(ATTEMPTS_MAX * INTERVAL_MS) / 1_000} s`);
}
