import type { RequestContext } from '../model/request-context.js';
import type { AcceptedAction } from '../requests/acceptance.js';
import { type ActionHandle } from './action-handle.js';

/** A part of the API for one caller: its methods without the context, and with a handle where they accept an action. */
export type ForCaller<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (
    context: RequestContext,
    ...rest: infer Rest
  ) => Promise<infer Answer>
    ? (...rest: Rest) => Promise<Answer extends AcceptedAction ? ActionHandle : Answer>
    : never;
};

type Method = (context: RequestContext, ...rest: unknown[]) => Promise<unknown>;

/** Makes a part of the API that of one caller. `contextOf` makes the context of a call; `handleOf` makes handles of what was accepted. */
export function forCaller<Part extends object>(
  part: Part,
  contextOf: () => RequestContext,
  handleOf: (accepted: AcceptedAction) => ActionHandle,
): ForCaller<Part> {
  const methods = Object.getPrototypeOf(part) as Readonly<Record<string, Method>>;
  const names = Object.getOwnPropertyNames(methods).filter((name) => isMethod(methods, name));
  const calls = names.map((name) => [
    name,
    async (...rest: unknown[]): Promise<unknown> => {
      const answer = await methods[name]?.call(part, contextOf(), ...rest);
      return isAccepted(answer) ? handleOf(answer) : answer;
    },
  ]);
  return Object.freeze(Object.fromEntries(calls)) as ForCaller<Part>;
}

function isMethod(methods: object, name: string): boolean {
  return name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(methods, name)?.value === 'function';
}

function isAccepted(answer: unknown): answer is AcceptedAction {
  return typeof answer === 'object' && answer !== null && 'finished' in answer && 'action' in answer;
}
