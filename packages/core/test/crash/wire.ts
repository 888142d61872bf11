import { ComputeError, isComputeError, Secret } from '@virtkit/core';
import { entity } from '@virtkit/decorators';
import { FakeHypervisorError } from '@virtkit/driver-fake';

/** A failure on its way to another process, where it is made again as what it was. */
export type WireFailure =
  | Pick<ComputeError, 'code' | 'details' | 'effect'>
  | Pick<FakeHypervisorError, 'refusal' | 'message' | 'problem' | 'about'>
  | { readonly words: string };

interface WireSecret {
  readonly secretOnTheWire: string;
}

/** What kind of record a value is, which its symbol says to those who are given it. */
const KIND = 'entityOnTheWire';

/** A value as the channel between two processes takes it: without functions and signals, with secrets and symbols spelt out. */
export function toWire(value: unknown): unknown {
  if (value instanceof Secret) return { secretOnTheWire: value.reveal() } satisfies WireSecret;
  if (value instanceof AbortSignal || typeof value === 'function' || value instanceof Promise) return undefined;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, toWire(item)]));
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const items = Object.entries(value).map(([key, item]) => [key, toWire(item)] as const);
  return Object.fromEntries(entity in value ? [...items, [KIND, value[entity]]] : items);
}

export function fromWire(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, fromWire(item)]));
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if ('secretOnTheWire' in value) return new Secret((value as WireSecret).secretOnTheWire);
  const items = Object.entries(value).map(([key, item]): [string | symbol, unknown] => [key, fromWire(item)]);
  return Object.fromEntries(items.map(([key, item]) => [key === KIND ? entity : key, item]));
}

export function failureToWire(failure: unknown): WireFailure {
  if (isComputeError(failure)) {
    const { code, details, effect } = failure;
    return { code, details, effect };
  }
  if (failure instanceof FakeHypervisorError) {
    const { refusal, message, problem, about } = failure;
    return { refusal, message, problem, about };
  }
  return { words: failure instanceof Error ? (failure.stack ?? failure.message) : String(failure) };
}

export function failureFromWire(failure: WireFailure): Error {
  if ('code' in failure) return new ComputeError(failure.code, failure.details, { effect: failure.effect });
  if ('words' in failure) return new Error(failure.words);
  return new FakeHypervisorError(failure.refusal, failure.message, failure.problem, failure.about);
}
