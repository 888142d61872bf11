/**
 * What only an operator may read about a failure: the hypervisor's own words, paths, host names, XML, secondary
 * failures. It hangs on an error under a symbol, not enumerable, so that no serializer meets it by accident and no type
 * that a tenant-facing function takes can name it. {@link operatorFactsOf} is the only way in.
 */
export interface OperatorFacts {
  /** One line in the words of whoever failed. */
  readonly message?: string;
  /** Named facts: `libvirtCode`, `domainXml`, `path`, … Values must be plain data. */
  readonly [fact: string]: unknown;
}

/** A failure that happened while another was being handled. It joins the first; it never replaces it. */
export interface SuppressedFailure {
  /** What was being done: `record the fault`, `clean up the failed start`. */
  readonly during: string;
  readonly failure: unknown;
}

const factsKey: unique symbol = Symbol.for('virtkit.operator-facts');
const causeKey: unique symbol = Symbol.for('virtkit.cause');
const suppressedKey: unique symbol = Symbol.for('virtkit.suppressed-failures');

interface Carrier {
  [factsKey]?: OperatorFacts;
  [causeKey]?: unknown;
  [suppressedKey]?: SuppressedFailure[];
}

/** A failure storm must not grow one error without bound; what is left out is in the log. */
const SUPPRESSED_COUNT_MAX = 32;

/** Hangs facts on an error, over those it has. Does nothing to a value that cannot carry any. */
export function addOperatorFacts(failure: unknown, facts: OperatorFacts): void {
  if (!canCarry(failure)) return;
  define(failure, factsKey, { ...failure[factsKey], ...facts });
}

export function operatorFactsOf(failure: unknown): OperatorFacts {
  return isObject(failure) ? ((failure as Carrier)[factsKey] ?? {}) : {};
}

/**
 * Puts the cause of an error where no serializer meets it: `console.log`, `structuredClone` and loggers follow `cause` by themselves.
 * Afterwards only {@link causeOf} finds it. The error stays the same object.
 */
export function hideCause(failure: unknown): void {
  if (!canCarry(failure) || !Object.hasOwn(failure, 'cause')) return;
  const { cause } = failure as { readonly cause?: unknown };
  if (Reflect.deleteProperty(failure, 'cause')) define(failure, causeKey, cause);
}

/** The cause of an error, also one that {@link hideCause} has put away. For operators. */
export function causeOf(failure: unknown): unknown {
  if (isObject(failure) && Object.hasOwn(failure, causeKey)) return (failure as Carrier)[causeKey];
  return failure instanceof Error ? failure.cause : undefined;
}

/** Joins a secondary failure to the first. Does nothing to a value that cannot carry it, nor joins an error to itself. */
export function suppress(first: unknown, secondary: unknown, during: string): void {
  if (first === secondary || !canCarry(first)) return;
  const known = first[suppressedKey] ?? [];
  if (known.length >= SUPPRESSED_COUNT_MAX) return;
  define(first, suppressedKey, [...known, { during, failure: secondary }]);
}

export function suppressedFailuresOf(failure: unknown): readonly SuppressedFailure[] {
  return isObject(failure) ? ((failure as Carrier)[suppressedKey] ?? []) : [];
}

function canCarry(value: unknown): value is Carrier {
  return isObject(value) && Object.isExtensible(value);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function define(carrier: Carrier, key: symbol, value: unknown): void {
  Object.defineProperty(carrier, key, { value, enumerable: false, configurable: true, writable: true });
}
