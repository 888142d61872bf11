import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

/** What of a running guest's definition the driver reads back: what libvirt has chosen itself. */
export interface LiveDevices {
  readonly interfaceCount: number;
  /** `undefined` without VNC, or while it does not run. */
  readonly vnc: { readonly address: string; readonly port: number } | undefined;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  isArray: (name) => name === 'interface' || name === 'graphics',
});

const domain = z.object({
  domain: z.object({
    devices: z.object({
      interface: z.array(z.unknown()).default([]),
      graphics: z
        .array(z.object({ type: z.string(), port: z.coerce.number().optional(), listen: z.string().optional() }))
        .default([]),
    }),
  }),
});

export function liveDevices(xml: string): LiveDevices {
  const { devices } = domain.parse(parser.parse(xml)).domain;
  const screen = devices.graphics.find(({ type }) => type === 'vnc');
  const port = screen?.port ?? -1;
  return {
    interfaceCount: devices.interface.length,
    vnc: port < 0 ? undefined : { address: screen?.listen ?? '127.0.0.1', port },
  };
}
