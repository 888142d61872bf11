import type { SqlValue } from './sql-connection.js';

/** The conditions of one select, with their values in order. A text of its own for every shape of query, so that it is prepared once. */
export class WhereClause {
  readonly #conditions: string[] = [];
  readonly #values: SqlValue[] = [];

  and(condition: string, ...values: readonly SqlValue[]): this {
    this.#conditions.push(condition);
    this.#values.push(...values);
    return this;
  }

  /** `column` is one of these. */
  andIn(column: string, values: readonly SqlValue[]): this {
    if (values.length === 0) return this.and('1 = 0');
    return this.and(`${column} in (${values.map(() => '?').join(', ')})`, ...values);
  }

  /** `column` is none of these. */
  andNotIn(column: string, values: readonly SqlValue[]): this {
    return this.and(`${column} not in (${values.map(() => '?').join(', ')})`, ...values);
  }

  get text(): string {
    return `where ${this.#conditions.join(' and ')}`;
  }

  get values(): readonly SqlValue[] {
    return this.#values;
  }
}
