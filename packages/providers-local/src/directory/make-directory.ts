import { chmod, mkdir } from 'node:fs/promises';

/** Others may enter and not list: QEMU runs as a user of its own and must reach its files, whose own modes guard them. */
export const DIRECTORY_MODE = 0o711;

/** Makes a directory, and those above it, unless they are there. What is there keeps its mode. */
export async function makeDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, DIRECTORY_MODE);
}
