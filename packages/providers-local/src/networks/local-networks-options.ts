import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { folderId } from '../directory/folder-id.js';

const absolutePath = z.string('an absolute path of the host').refine(isAbsolute, 'an absolute path of the host');
const names = z
  .array(z.string('a list of names').min(1, 'a list of names'), 'a list of names')
  .min(1, 'at least one name');
const count = z.int('a whole number, at least 1').min(1, 'a whole number, at least 1');
// IFNAMSIZ is 16 with the closing NUL.
const bridge = z
  .string('the name of a bridge')
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, 'the name of a bridge of at most 15 characters');
const mtu = z.int('a whole number from 68 to 65536').min(68, 'at least 68').max(65_536, 'at most 65536');

const network = {
  id: folderId,
  mtuBytes: mtu.optional(),
  /** Who may use it. Left out: every project. */
  projectIds: names.optional(),
  /** The hosts it reaches. Left out: all. */
  hosts: names.optional(),
};

/** A network of the host, by how a hypervisor connects a guest to it. */
const networkSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('user'), ...network }),
    z.strictObject({ type: z.literal('bridge'), bridge, ...network }),
    z.strictObject({ type: z.literal('network'), network: folderId, ...network }),
  ],
  'a network of type user, bridge or network',
);

export type LocalNetwork = z.output<typeof networkSchema>;

/** What `LocalNetworks.open` takes. Checked before anything is read or made. */
export const localNetworksOptions = z
  .strictObject({
    /** Where the allocations are written down; made unless it is there. One process has it open at a time. */
    directory: absolutePath,
    networks: z.array(networkSchema, 'a list of networks').min(1, 'at least one network'),
    /** What those get who ask for no network by name. Left out: they must ask. */
    defaultNetworkId: z.string('the id of one of the networks').optional(),
    /** The first half of every MAC address that is given out: QEMU's own, or one that is locally administered. */
    macPrefix: z
      .string('three lower-case hex bytes between colons')
      .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){2}$/, 'three lower-case hex bytes between colons')
      .refine(isOurs, '52:54:00, or a locally administered unicast prefix such as 02:00:00')
      .default('52:54:00'),
    interfaceCountMax: count.max(1_000_000, 'at most 1000000').default(65_536),
  })
  .superRefine(({ networks, defaultNetworkId }, context) => {
    const ids = networks.map(({ id }) => id);
    const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
    if (twice >= 0) {
      context.addIssue({
        code: 'custom',
        path: ['networks', twice, 'id'],
        message: 'an id of its own',
        input: networks,
      });
    }
    if (defaultNetworkId === undefined || ids.includes(defaultNetworkId)) return;
    const message = `one of ${ids.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['defaultNetworkId'], message, input: defaultNetworkId });
  });

export type LocalNetworksOptions = z.input<typeof localNetworksOptions>;

/** The two low bits of the first byte say: locally administered, multicast. */
function isOurs(prefix: string): boolean {
  return (parseInt(prefix.slice(0, 2), 16) & 0b11) === 0b10;
}
