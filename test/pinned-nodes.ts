import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';
import { output } from './output.js';

/** The newest release of each line of Node we support that there is an npm package of, by platform. */
const releases: Readonly<Record<string, readonly string[]>> = {
  x64: ['22.23.3', '24.21.0', '26.10.0'],
  arm64: ['22.23.3', '24.21.0', '26.12.0'],
};

export const nodeReleases = releases[process.arch] ?? [];

/** Installs every supported Node in .cache, unless they are there, and answers where each one's program is. */
export async function installNodes(): Promise<ReadonlyMap<string, string>> {
  const folder = join(root, '.cache', 'nodes');
  const manifest = JSON.stringify({
    private: true,
    dependencies: Object.fromEntries(
      nodeReleases.map((release) => [`node-${release}`, `npm:node-linux-${process.arch}@${release}`]),
    ),
  });
  const programs = new Map(
    nodeReleases.map((release) => [release, join(folder, 'node_modules', `node-${release}`, 'bin', 'node')]),
  );
  const file = join(folder, 'package.json');
  const isComplete = [...programs.values()].every((program) => existsSync(program));
  if (isComplete && existsSync(file) && readFileSync(file, 'utf8') === manifest) return programs;

  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  await output('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'], { cwd: folder });
  // What a Node lacks is said here once, and not by every program that it should have run.
  for (const program of programs.values()) await output(program, ['--version'], { cwd: folder });
  return programs;
}
