import type { Codec } from './codec.js';
import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';
import type { XdrReader } from './xdr-reader.js';

export type Fields = Readonly<Record<string, Codec<unknown>>>;

/** The value of a struct without fields: `{}`, and nothing else. */
type NoFields = Readonly<Record<string, never>>;

export type StructOf<F extends Fields> = keyof F extends never
  ? NoFields
  : { readonly [Name in keyof F]: F[Name] extends Codec<infer Value> ? Value : never };

/**
 * Fields one after another, in the order in which they are named here. Other properties of a value are left out.
 *
 * `read` reads what the fields say, in code of the struct's own: a list of domains takes a sixth less of the CPU then.
 */
export function struct<const F extends Fields>(
  fields: F,
  read?: (reader: XdrReader) => StructOf<F>,
): Codec<StructOf<F>> {
  const names = Object.keys(fields);
  const codecs = Object.values(fields);
  const count = names.length;
  const codec: Codec<Record<string, unknown>> = {
    bytesMin: codecs.reduce((sum, field) => sum + field.bytesMin, 0),
    write(writer, value) {
      if (typeof value !== 'object' || value === null) {
        throw new LibvirtArgumentError(`must be an object, but is ${describeValue(value)}`);
      }
      let index = 0;
      try {
        for (; index < count; index++) codecs[index]?.write(writer, value[names[index] as string]);
      } catch (error) {
        throw LibvirtArgumentError.within(names[index] as string, error);
      }
    },
    read:
      read ??
      ((reader) => {
        const value: Record<string, unknown> = {};
        for (let index = 0; index < count; index++) value[names[index] as string] = codecs[index]?.read(reader);
        return value;
      }),
  };
  return codec as unknown as Codec<StructOf<F>>;
}
