import type { ConsoleEndpoint } from '@virtkit/core/driver';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

/** What of a running guest's definition the driver reads back: what libvirt has chosen itself. */
export interface LiveDevices {
  readonly interfaceCount: number;
  /** `undefined` without VNC, or while it does not run. */
  readonly vnc: ConsoleEndpoint | undefined;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  isArray: (name) => name === 'interface' || name === 'graphics' || name === 'listen',
});

const listener = z.object({ '@type': z.string(), '@address': z.string().optional(), '@socket': z.string().optional() });

const graphics = z.object({
  '@type': z.string(),
  '@port': z.coerce.number().default(-1),
  listen: z.array(listener).default([]),
});

const domain = z.object({
  domain: z.object({
    devices: z.object({ interface: z.array(z.unknown()).default([]), graphics: z.array(graphics).default([]) }),
  }),
});

export function liveDevices(xml: string): LiveDevices {
  const { devices } = domain.parse(parser.parse(xml)).domain;
  const screen = devices.graphics.find((each) => each['@type'] === 'vnc');
  return { interfaceCount: devices.interface.length, vnc: screen && endpointOf(screen) };
}

/** Before the guest runs neither port nor socket is chosen. */
function endpointOf({ '@port': port, listen }: z.output<typeof graphics>): ConsoleEndpoint | undefined {
  for (const { '@type': type, '@address': address = '127.0.0.1', '@socket': socketPath } of listen) {
    if (type === 'socket' && socketPath !== undefined) return { socketPath };
    if (type === 'address' && port >= 0) return { address, port };
  }
  return undefined;
}
