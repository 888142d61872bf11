const brand: unique symbol = Symbol.for('virtkit.secret');

/**
 * A value that must not be printed. Everything that prints values (logs, notifications, errors, `console.log`,
 * `JSON.stringify`, template strings) shows `[redacted]`; only {@link Secret.reveal} gives it away, and a reader can
 * search the code for that word.
 */
export class Secret {
  readonly [brand] = true;
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}
