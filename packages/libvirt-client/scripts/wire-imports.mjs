/** Which names a generated file needs, and from which file of src/wire each comes. */
export class WireImports {
  static #files = {
    ...{ u32: 'number-codecs', i32: 'number-codecs', u64: 'number-codecs', i64: 'number-codecs', f64: 'number-codecs' },
    ...{ char: 'number-codecs', uchar: 'number-codecs', ushort: 'number-codecs' },
    ...{ opaque: 'byte-codecs', chars: 'byte-codecs', fixedChars: 'byte-codecs', string: 'string-codec' },
    ...{ uuid: 'uuid-codec', optional: 'optional-codec', array: 'array-codec', struct: 'struct-codec' },
    ...{ typedParameter: 'typed-parameter-codec' },
  };
  #wire = new Set();
  structs = new Set();

  wire(name) {
    if (!(name in WireImports.#files)) throw new Error(`no codec is called ${name}`);
    this.#wire.add(name);
    return name;
  }

  struct(name) {
    this.structs.add(name);
    return name;
  }

  wireSource(more) {
    const names = new Map();
    for (const name of [...more, ...this.#wire].sort()) {
      const file = WireImports.#files[name];
      names.set(file, [...(names.get(file) ?? []), name]);
      if (name === 'typedParameter' && more.includes('struct')) names.get(file).push('type TypedParameter');
    }
    return (
      [...names]
        .sort()
        .map(([file, list]) => `import { ${list.join(', ')} } from '../wire/${file}.js';`)
        .join('\n') + '\n'
    );
  }
}
