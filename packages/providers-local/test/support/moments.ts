/** Counts the moments of one operation: before and after each call of a provider, each commit and each step of the driver. */
export class Moments {
  #count = 0;
  #at = Infinity;
  #meet: () => Promise<void> = async () => undefined;

  /** Counts from here, and lets `meet` happen at the `at`th moment. */
  arm(at: number, meet: () => Promise<void>): void {
    this.#count = 0;
    this.#at = at;
    this.#meet = meet;
  }

  /** Nothing happens any more. Answers how many moments there were. */
  disarm(): number {
    this.#at = Infinity;
    return this.#count;
  }

  async pass(): Promise<void> {
    this.#count += 1;
    if (this.#count === this.#at) await this.#meet();
  }

  /** The same object; each of its calls of these methods has a moment before it and one after it. */
  around<Subject extends object>(subject: Subject, methods: readonly string[]): Subject {
    return new Proxy(subject, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
        if (typeof key !== 'string' || !methods.includes(key)) return call;
        return async (...args: unknown[]) => {
          await this.pass();
          try {
            return await call(...args);
          } finally {
            await this.pass();
          }
        };
      },
    });
  }
}
