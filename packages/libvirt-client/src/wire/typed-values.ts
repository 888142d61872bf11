import type { TypedParameter } from './typed-parameter-codec.js';

/**
 * What a list of typed parameters says, by name: numbers of 64 bits are bigint, the others number, boolean or string.
 * Names are those of libvirt's documentation, as `hard_limit` or `vcpu.0.time`.
 */
export type TypedValues = Readonly<Record<string, TypedParameter['value']>>;

/** A value with its type on the wire, which libvirt insists on: made by `typed`. */
export type TypedValue = TypedParameter extends infer P
  ? P extends TypedParameter
    ? Readonly<Pick<P, 'type' | 'value'>>
    : never
  : never;

/** Typed parameters to send, by name: `{ hard_limit: typed.ullong(1_048_576n) }`. */
export type TypedArguments = Readonly<Record<string, TypedValue>>;

/** Makes values of the type that libvirt's documentation gives a parameter. */
export const typed = {
  int: (value: number): TypedValue => ({ type: 'int', value }),
  uint: (value: number): TypedValue => ({ type: 'uint', value }),
  llong: (value: bigint): TypedValue => ({ type: 'llong', value }),
  ullong: (value: bigint): TypedValue => ({ type: 'ullong', value }),
  double: (value: number): TypedValue => ({ type: 'double', value }),
  boolean: (value: boolean): TypedValue => ({ type: 'boolean', value }),
  string: (value: string): TypedValue => ({ type: 'string', value }),
} as const;

/** When a name comes more than once, its last value counts. */
export function typedValues(parameters: readonly TypedParameter[]): TypedValues {
  return Object.fromEntries(parameters.map(({ field, value }) => [field, value]));
}

export function typedParameters(values: TypedArguments): readonly TypedParameter[] {
  return Object.entries(values).map(([field, value]) => ({ field, ...value }));
}
