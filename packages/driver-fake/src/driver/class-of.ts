/**
 * A class whose objects have what `make` makes. So a class with many methods can be put together from functions that make a
 * few each, and the compiler still knows all of them.
 */
export function classOf<Parts extends readonly unknown[], Made extends object>(
  make: (...parts: Parts) => Made,
): new (...parts: Parts) => Made {
  class Assembled {
    constructor(...parts: Parts) {
      Object.assign(this, make(...parts));
    }
  }
  // What Object.assign has given an object is not in the type of its class.
  return Assembled as new (...parts: Parts) => Made;
}
