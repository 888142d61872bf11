import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { peerSource } from '../peer/peer-process.js';

const run = promisify(execFile);
const UNRAID = '@unraid/libvirt@2.2.1';
const GO_BUILD_TIMEOUT_MS = 360_000;
const UNRAID_BUILD_TIMEOUT_MS = 240_000;

/** A program, or why there is none. */
export type Built = { readonly program: string } | { readonly missing: string };

/** Compiles the peer written in C into the directory. */
export function rawPeer(directory: string): Promise<Built> {
  const program = join(directory, 'raw_socket');
  const args = ['-O2', '-Wall', '-Werror', '-o', program, peerSource('raw_socket.c')];
  return built(program, () => run('cc', args));
}

/** Compiles the peer written in Go into the directory, from what Debian has of Go's packages and nothing else. */
export function goPeer(directory: string): Promise<Built> {
  const program = join(directory, 'go_libvirt');
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
  const args = ['build', '-o', program, peerSource('go_libvirt.go')];
  return built(program, () => run('go', args, { env, timeout: GO_BUILD_TIMEOUT_MS }));
}

/** Installs @unraid/libvirt beside the checkout, never in it, where the next run finds it. Answers its module. */
export function unraidModule(): Promise<Built> {
  const home = join(tmpdir(), 'virtkit-bench-unraid');
  const installed = join(home, 'node_modules/@unraid/libvirt');
  return built(join(installed, 'dist/index.js'), async () => {
    if (existsSync(join(installed, 'build/Release/libvirt.node'))) return;
    await mkdir(home, { recursive: true });
    const args = ['install', '--no-save', '--prefix', home, UNRAID];
    await run('npm', args, { cwd: home, timeout: UNRAID_BUILD_TIMEOUT_MS });
  });
}

async function built(program: string, build: () => Promise<unknown>): Promise<Built> {
  try {
    await build();
    return { program };
  } catch (failure) {
    const said = failure instanceof Error ? failure.message : String(failure);
    return { missing: said.trim().split('\n').slice(0, 2).join(' ') };
  }
}
