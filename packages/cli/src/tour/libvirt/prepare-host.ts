import process from 'node:process';
import { installDebianPackages, missingDebianPackages } from '@virtkit/libvirt-testbed';
import type { LibvirtTourChoice } from '../tour-choice.js';

export interface PrepareHostOptions {
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that this machine has what the tour needs, by installing it if that was asked for.
 * @throws Error that says all that is missing, and what to do about it; nothing has changed then
 */
export async function prepareHost(choice: LibvirtTourChoice, { note, signal }: PrepareHostOptions): Promise<void> {
  const host: HostTraits = {
    user: process.getuid?.() === 0 ? 'root' : 'other',
    missing: await missingDebianPackages(),
  };
  const problems = hostProblems(choice, host);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  await installDebianPackages(neededOf(choice, host), { log: note, signal });
}

export interface HostTraits {
  readonly user: 'root' | 'other';
  /** Of the packages that a private libvirtd and its guest need. */
  readonly missing: readonly string[];
}

/** Why the tour cannot play on such a machine, a sentence or two each. */
export function hostProblems(choice: LibvirtTourChoice, host: HostTraits): readonly string[] {
  const isRoot = host.user === 'root';
  const missing = neededOf(choice, host);
  const problems: string[] = [];
  if (choice.uri === undefined && !isRoot) problems.push(needsRoot);
  if (missing.length > 0 && choice.missingPackages === 'name') problems.push(needsPackages(missing));
  if (missing.length > 0 && choice.missingPackages === 'install' && !isRoot) problems.push(mayNotInstall(missing));
  return problems;
}

/** Who names a running libvirtd has one, from wherever it came. */
function neededOf({ uri }: LibvirtTourChoice, { missing }: HostTraits): readonly string[] {
  return missing.filter((name) => uri === undefined || !name.startsWith('libvirt-'));
}

const needsRoot =
  'A private libvirtd needs root, for its mount namespace. Run this as root, or name a running libvirtd, for example ' +
  'with --uri qemu+unix:///system?socket=/run/libvirt/libvirt-sock';

function needsPackages(missing: readonly string[]): string {
  return (
    `These Debian packages are missing: ${missing.join(' ')}. Run this as root with --install, or install them yourself: ` +
    `apt-get install --no-install-recommends ${missing.join(' ')}`
  );
}

function mayNotInstall(missing: readonly string[]): string {
  return `These Debian packages are missing, and only root may install them: ${missing.join(' ')}`;
}
