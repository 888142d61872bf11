/**
 * Marks a value as a secret: an object or function that carries this symbol, whatever its value, is printed as
 * `[redacted]`. Registered globally, so that any package can mark its own without importing this one.
 */
export const secretBrand: unique symbol = Symbol.for('virtkit.secret');

/** What stands where a secret stood. */
export const redacted = '[redacted]';

const secretNames =
  /pass|secret|token|credential|private[-_]?key|api[-_]?key|authorization|cookie|user[-_]?data|injected[-_]?files?/i;

const measureNames = /(?:Ms|Seconds|Count|Bytes|Max|Min)$|_(?:ms|seconds|count|bytes|max|min)$/;

/**
 * Whether what is kept under this name is not to be shown. Too many rather than too few: `compass` is one too. A number
 * under a name that ends in a unit or a limit is a measure and no secret: `tokenMs` is how long a token lasts.
 */
export function namesSecret(name: string, value?: unknown): boolean {
  const isMeasure = (typeof value === 'number' || typeof value === 'bigint') && measureNames.test(name);
  return secretNames.test(name) && !isMeasure;
}

export function isSecret(value: object): boolean {
  return secretBrand in value;
}
