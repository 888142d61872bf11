import { printed } from './checked-value.js';
import { ComputeError } from './compute-error.js';
import type { Flavor } from './flavor.js';
import type { Image } from './image.js';

/** The values of a property that a driver acts on, in lower case; `'any'`: it takes every value. */
export type HonouredValues = readonly string[] | 'any';

/**
 * What of flavors and images a driver acts on, by Nova's names. A value that asks for what the driver does anyway is
 * honoured: `hw_firmware_type: ['bios']` of a driver that knows nothing else.
 */
export interface HonouredProperties {
  readonly extraSpecs: Readonly<Record<string, HonouredValues>>;
  readonly imageProperties: Readonly<Record<string, HonouredValues>>;
}

/** What an image asks of a hypervisor. The other properties are labels, and so is what an image says of the system inside. */
const askedByImages =
  /^(?:(?:hw|os|img)_.+|traits?\w*:.+|architecture|hypervisor_type|vm_mode|cinder_encryption_key_id|kernel_id|ramdisk_id|root_device_name|block_device_mapping|bdm_v2|mappings)$/u;
const imageLabels: readonly string[] = [
  'os_distro',
  'os_version',
  'os_name',
  'os_hidden',
  'os_hash_algo',
  'os_hash_value',
];

/** What a flavor asks of a hypervisor or of its host: every name with a scope, and the few of Nova's that have none. */
const askedByFlavors = /^(?:[^:]+:.+|hide_hypervisor_id|group_policy|same_subtree\w*|hw_.+)$/u;

/**
 * Refuses what a flavor or an image asks for and the driver does not act on: taken and ignored, a guest would start as
 * something else than was ordered. A driver without a declaration is not checked.
 * @throws ComputeError `INVALID_INPUT` naming the field, its value and what is honoured
 */
export function requireHonoured(
  honoured: HonouredProperties | undefined,
  { flavor, image }: { readonly flavor?: Flavor; readonly image?: Image },
): void {
  if (honoured === undefined) return;
  for (const [name, value] of Object.entries(flavor?.extraSpecs ?? {})) {
    if (askedByFlavors.test(name)) demand(`flavor.extraSpecs.${name}`, value, valuesOf(honoured.extraSpecs, name));
  }
  for (const [name, value] of Object.entries(image?.properties ?? {})) {
    if (!askedByImages.test(name) || imageLabels.includes(name)) continue;
    demand(`image.properties.${name}`, value, valuesOf(honoured.imageProperties, name));
  }
}

function valuesOf(honoured: Readonly<Record<string, HonouredValues>>, name: string): HonouredValues {
  return Object.hasOwn(honoured, name) ? (honoured[name] ?? []) : [];
}

function demand(field: string, value: string, values: HonouredValues): void {
  if (values === 'any' || values.includes(value.toLowerCase())) return;
  const accepted = values.length === 0 ? 'nothing: this host does not act on it' : values.join(', ');
  throw new ComputeError('INVALID_INPUT', { field: shortened(field), value: printed(value), accepted });
}

/** A name comes from the request, too. */
const FIELD_CHARACTERS_MAX = 120;

function shortened(field: string): string {
  return field.length > FIELD_CHARACTERS_MAX ? `${field.slice(0, FIELD_CHARACTERS_MAX)}…` : field;
}
