import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DomainXMLFlags, type Connection } from '@virtkit/libvirt-client';
import type { GuestKind } from './guest-kind.js';

const run = promisify(execFile);

/** The definition that the driver has made of an instance, to make the same guest again without the driver. */
export class GuestTemplate {
  readonly #xml: string;
  readonly #uuid: string;
  readonly #stateDirectory: string;
  readonly #diskName: string | undefined;

  private constructor(xml: string, uuid: string, stateDirectory: string, diskName: string | undefined) {
    this.#xml = xml;
    this.#uuid = uuid;
    this.#stateDirectory = stateDirectory;
    this.#diskName = diskName;
  }

  /** Reads the definition of a guest that the driver has spawned. */
  static async of(
    connection: Connection,
    uuid: string,
    kind: GuestKind,
    stateDirectory: string,
  ): Promise<GuestTemplate> {
    const domain = await connection.lookupByUUID(uuid);
    const xml = await domain.getXMLDesc(DomainXMLFlags.VIR_DOMAIN_XML_INACTIVE);
    const files = await readdir(join(stateDirectory, uuid));
    const diskName =
      kind === 'with a root disk' ? files.find((file) => xml.includes(`/${file}'`) && isDisk(file)) : undefined;
    if (kind === 'with a root disk' && diskName === undefined)
      throw new Error(`there is no disk among ${files.join(', ')}`);
    return new GuestTemplate(xml, uuid, stateDirectory, diskName);
  }

  /** A definition of the same guest under another uuid. Its files are where the driver has its own. */
  withNewUuid(): { readonly uuid: string; readonly xml: string } {
    const uuid = randomUUID();
    return { uuid, xml: this.#xml.replaceAll(this.#uuid, uuid) };
  }

  /** What must be there before such a guest can start. */
  async makeFiles(uuid: string): Promise<void> {
    const directory = join(this.#stateDirectory, uuid);
    await mkdir(directory);
    await writeFile(join(directory, 'console.log'), '');
    if (this.#diskName === undefined) return;
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, this.#diskName), '1G']);
  }

  async removeFiles(uuid: string): Promise<void> {
    await rm(join(this.#stateDirectory, uuid), { recursive: true });
  }
}

function isDisk(file: string): boolean {
  return !file.endsWith('.log');
}
