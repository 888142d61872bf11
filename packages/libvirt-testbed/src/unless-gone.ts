import { isRefusal } from './is-refusal.js';

/**
 * What a look into /proc found, or undefined: a process may end while it is looked at, and one that root may not look
 * into is none of ours.
 */
export async function unlessGone<Value>(look: Promise<Value>): Promise<Value | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isRefusal(error, 'ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
