import { stat } from 'node:fs/promises';
import { isRefusal } from './is-refusal.js';
import { runCommand } from './run-command.js';

/** A Linux bridge that guests' tap devices can be put on. */
export interface Bridge {
  readonly name: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One less than the kernel's IFNAMSIZ, which counts the closing zero byte. */
const NAME = /^[A-Za-z0-9_-]{1,15}$/;

/**
 * Creates a bridge without ports or addresses, and brings it up. Needs root. Disposing of it deletes it.
 * @throws Error when a device of that name exists; it is not touched
 */
export async function createBridge(name: string): Promise<Bridge> {
  if (!NAME.test(name)) {
    throw new RangeError(`bridge name ${JSON.stringify(name)} must be 1 to 15 letters, digits, _ or -`);
  }
  if (await deviceHas(name, '')) throw new Error(`a network device named ${name} is there already`);
  await runCommand('ip', ['link', 'add', 'name', name, 'type', 'bridge']);
  try {
    await runCommand('ip', ['link', 'set', 'dev', name, 'up']);
  } catch (error) {
    await deleteBridge(name);
    throw error;
  }
  return { name, [Symbol.asyncDispose]: () => deleteBridge(name) };
}

/**
 * Deletes a bridge; what was plugged into it stays. Idempotent: resolves when there is none.
 * @throws Error when the device is no bridge; it is not touched
 */
export async function deleteBridge(name: string): Promise<void> {
  if (!NAME.test(name) || !(await deviceHas(name, ''))) return;
  if (!(await deviceHas(name, 'bridge'))) throw new Error(`network device ${name} is not a bridge`);
  await runCommand('ip', ['link', 'delete', 'dev', name, 'type', 'bridge']);
}

async function deviceHas(name: string, entry: string): Promise<boolean> {
  try {
    await stat(`/sys/class/net/${name}/${entry}`);
    return true;
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return false;
    throw error;
  }
}
