/** Whether an answer has the shape that the contract says. It is given a plain copy, so that each field is the same however often it is read. */
export type AnswerCheck = (answer: unknown) => boolean;

/** A check for each method of a port that answers with something; a method without one is answered with nothing. */
export type AnswerTable<Port> = {
  readonly [Method in AnsweringMethod<Port>]: AnswerCheck;
};

type AnsweringMethod<Port> = {
  [Method in keyof Port]-?: NonNullable<Port[Method]> extends (...args: never[]) => Promise<infer Answer>
    ? [Answer] extends [void]
      ? never
      : Method
    : never;
}[keyof Port];

export type Fields = Readonly<Record<string, unknown>>;

/** More guests, holdings or devices than this no host has. */
const COUNT_MAX = 1_000_000;

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isAmount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
export const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
export const isCounter = (value: unknown): boolean => typeof value === 'bigint' && value >= 0n;
export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isPort = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;

export function oneOf(...words: readonly string[]): AnswerCheck {
  return (value) => isText(value) && words.includes(value);
}

export function optional(check: AnswerCheck): AnswerCheck {
  return (value) => value === undefined || check(value);
}

export function nullOr(check: AnswerCheck): AnswerCheck {
  return (value) => value === null || check(value);
}

export function listOf(check: AnswerCheck): AnswerCheck {
  return (value) => Array.isArray(value) && value.length <= COUNT_MAX && value.every((each) => check(each));
}

/** An object with at least these fields. */
export function shape(fields: Readonly<Record<string, AnswerCheck>>): AnswerCheck {
  const checks = Object.entries(fields);
  return (answer) => isObject(answer) && checks.every(([name, check]) => check(answer[name]));
}

/** An object that has each of these, and all of a kind. */
export function have(names: readonly string[], check: AnswerCheck): AnswerCheck {
  return (answer) => isObject(answer) && names.every((name) => check(answer[name]));
}
