import type { Codec } from './codec.js';
import { describeValue, LibvirtArgumentError } from './libvirt-argument-error.js';
import { string } from './string-codec.js';
import type { XdrReader } from './xdr-reader.js';
import type { XdrWriter } from './xdr-writer.js';

/** A named value whose type travels with it (virTypedParameter). Types have libvirt's names, in lower case. */
export type TypedParameter =
  | { readonly field: string; readonly type: 'int'; readonly value: number }
  | { readonly field: string; readonly type: 'uint'; readonly value: number }
  | { readonly field: string; readonly type: 'llong'; readonly value: bigint }
  | { readonly field: string; readonly type: 'ullong'; readonly value: bigint }
  | { readonly field: string; readonly type: 'double'; readonly value: number }
  | { readonly field: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly field: string; readonly type: 'string'; readonly value: string };

export const typedParameter: Codec<TypedParameter> = {
  // An empty name, the number of the type, and a value of four bytes.
  bytesMin: 12,
  write(writer, parameter) {
    if (typeof parameter !== 'object' || parameter === null) {
      throw new LibvirtArgumentError(`must be a typed parameter, but is ${describeValue(parameter)}`);
    }
    try {
      string.write(writer, parameter.field);
    } catch (error) {
      throw LibvirtArgumentError.within('field', error);
    }
    try {
      writeTyped(writer, parameter);
    } catch (error) {
      throw LibvirtArgumentError.within('value', error);
    }
  },
  read(reader) {
    const field = string.read(reader);
    return readTyped(reader, field);
  },
};

// The numbers are those of virTypedParameterType.
function writeTyped(writer: XdrWriter, { type, value }: TypedParameter): void {
  switch (type) {
    case 'int':
      writer.u32(1);
      return writer.i32(value);
    case 'uint':
      writer.u32(2);
      return writer.u32(value);
    case 'llong':
      writer.u32(3);
      return writer.i64(value);
    case 'ullong':
      writer.u32(4);
      return writer.u64(value);
    case 'double':
      writer.u32(5);
      return writer.f64(value);
    case 'boolean':
      writer.u32(6);
      return writer.i32(value ? 1 : 0);
    case 'string':
      writer.u32(7);
      return string.write(writer, value);
    default:
      throw new LibvirtArgumentError(`has a type that libvirt does not know: ${describeValue(type satisfies never)}`);
  }
}

function readTyped(reader: XdrReader, field: string): TypedParameter {
  const type = reader.narrow(1, 7);
  switch (type) {
    case 1:
      return { field, type: 'int', value: reader.i32() };
    case 2:
      return { field, type: 'uint', value: reader.u32() };
    case 3:
      return { field, type: 'llong', value: reader.i64() };
    case 4:
      return { field, type: 'ullong', value: reader.u64() };
    case 5:
      return { field, type: 'double', value: reader.f64() };
    case 6:
      return { field, type: 'boolean', value: reader.i32() !== 0 };
    default:
      return { field, type: 'string', value: string.read(reader) };
  }
}
