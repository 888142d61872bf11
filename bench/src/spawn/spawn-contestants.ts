import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requestContext, type Compute, type CreateRequest } from '@virtkit/core';
import type { Connection } from '@virtkit/libvirt-client';
import type { PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import type { Contestant } from '../measure/interleaved.js';
import type { GuestTemplate } from './guest-template.js';

const context = requestContext({ projectId: 'project-1', userId: 'user-1' });

/** Creates an instance through the API, and deletes it. Answers how long it took until the action was finished, in ms. */
export function throughCompute(name: string, compute: Compute, request: CreateRequest): Contestant<number> {
  return {
    name,
    round: async () => {
      const begun = performance.now();
      const instanceUuid = await spawned(compute, request);
      const tookMs = performance.now() - begun;
      await deleted(compute, instanceUuid);
      return tookMs;
    },
  };
}

/** Answers the uuid of a new instance that is active. */
export async function spawned(compute: Compute, request: CreateRequest): Promise<string> {
  const { action, finished } = await compute.api.create(context, request);
  const { state } = await finished;
  if (state !== 'succeeded') throw new Error(`the instance could not be built: its action has ${state}`);
  return action.instanceUuid;
}

export async function deleted(compute: Compute, instanceUuid: string): Promise<void> {
  const { state } = await (await compute.api.delete(context, instanceUuid)).finished;
  if (state !== 'succeeded') throw new Error(`the instance could not be deleted: its action has ${state}`);
}

/** Makes the files, defines the same guest and creates it, with two calls on a connection of the same client. */
export function withBareCalls(name: string, connection: Connection, template: GuestTemplate): Contestant<number> {
  return {
    name,
    round: async () => {
      const { uuid, xml } = template.withNewUuid();
      const begun = performance.now();
      await template.makeFiles(uuid);
      const domain = await connection.defineXMLFlags(xml);
      await domain.create();
      const tookMs = performance.now() - begun;
      await domain.destroy();
      await domain.undefineFlags();
      await template.removeFiles(uuid);
      return tookMs;
    },
  };
}

/** The same with `virsh define` and `virsh start`. */
export function withVirsh(name: string, daemon: PrivateLibvirtd, template: GuestTemplate): Contestant<number> {
  const run = promisify(execFile);
  const virsh = (...args: readonly string[]) => run('virsh', ['--quiet', '--connect', daemon.uri, ...args]);
  return {
    name,
    round: async () => {
      const { uuid, xml } = template.withNewUuid();
      const path = join(daemon.directory, 'bench.xml');
      await writeFile(path, xml);
      const begun = performance.now();
      await template.makeFiles(uuid);
      await virsh('define', path);
      await virsh('start', uuid);
      const tookMs = performance.now() - begun;
      await virsh('destroy', uuid);
      await virsh('undefine', uuid);
      await template.removeFiles(uuid);
      return tookMs;
    },
  };
}
