import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { XmlElement } from './render-xml.js';

/** A `<disk>` of a definition, as {@link renderXml} writes it again. */
export type DefinedDisk = XmlElement;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name, path) => name === 'disk' && path === 'domain.devices.disk',
});

const element: z.ZodType<XmlElement> = z.record(z.string(), z.any());

const definition = z.object({
  domain: z.object({ devices: z.object({ disk: z.array(element).default([]) }) }),
});

/** The disks of a domain, in the order of its definition. */
export function definedDisks(xml: string): readonly DefinedDisk[] {
  return definition.parse(parser.parse(xml)).domain.devices.disk;
}

/** The name that a disk has in its domain, such as `vda`. */
export function diskTarget(disk: DefinedDisk): string | undefined {
  return attributeOf(disk['target'], '@dev');
}

/** Where a disk's data are, as one text that is the same for the same place. `undefined` for an empty drive. */
export function diskSource(disk: DefinedDisk): string | undefined {
  const { source } = disk;
  const file = attributeOf(source, '@file') ?? attributeOf(source, '@dev');
  if (file !== undefined) return file;
  if (typeof source !== 'object') return undefined;
  // A running domain numbers its sources.
  return JSON.stringify(source, (name, value: unknown) => (name === '@index' ? undefined : value));
}

/** Whether the medium can be taken out, which is no change of what the guest has written. */
export function isRemovable(disk: DefinedDisk): boolean {
  return disk['@device'] === 'cdrom' || disk['@device'] === 'floppy';
}

function attributeOf(content: unknown, name: string): string | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const value: unknown = (content as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}
