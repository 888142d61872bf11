import type { CallOptions } from '../procedures/call-options.js';

/** Flag 4 of what takes `nparams`: parameters that are strings may come too. */
export const STRING_OKAY = 4;

interface Answer<Parameter> {
  readonly params: readonly Parameter[];
  readonly nparams: number;
}

/**
 * What C callers do in two steps: ask how many parameters there are, then for that many. `options.timeoutMs` is for both
 * together.
 */
export async function askTwice<Parameter extends { readonly field: string; readonly value: unknown }>(
  ask: (nparams: number, remaining: CallOptions | undefined) => Promise<Answer<Parameter>>,
  options: CallOptions | undefined,
): Promise<Readonly<Record<string, Parameter['value']>>> {
  const startedAt = performance.now();
  const first = await ask(0, options);
  const { params } = first.nparams > 0 ? await ask(first.nparams, remainingOf(options, startedAt)) : first;
  return Object.fromEntries(params.map(({ field, value }): [string, Parameter['value']] => [field, value]));
}

function remainingOf(options: CallOptions | undefined, startedAt: number): CallOptions | undefined {
  if (options?.timeoutMs === undefined) return options;
  return { ...options, timeoutMs: Math.max(1, options.timeoutMs - (performance.now() - startedAt)) };
}
