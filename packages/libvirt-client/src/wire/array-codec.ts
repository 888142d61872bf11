import type { Codec } from './codec.js';
import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';

/** At most `countMax` items. */
export function array<Item>(item: Codec<Item>, countMax: number): Codec<readonly Item[]> {
  return {
    bytesMin: 4,
    write(writer, value) {
      if (!Array.isArray(value)) throw new LibvirtArgumentError(`must be an array, but is ${describeValue(value)}`);
      if (value.length > countMax) {
        throw new LibvirtArgumentError(`must have at most ${countMax} items, but has ${value.length}`);
      }
      writer.u32(value.length);
      let index = 0;
      try {
        for (; index < value.length; index++) item.write(writer, value[index] as Item);
      } catch (error) {
        throw LibvirtArgumentError.within(`[${index}]`, error);
      }
    },
    read(reader) {
      const count = reader.count(countMax, item.bytesMin);
      const items: Item[] = [];
      for (let index = 0; index < count; index++) items.push(item.read(reader));
      return items;
    },
  };
}
