/** A chain is followed this far, which also ends one that bites its own tail. */
const causesMax = 32;

/** The failure, its cause, the cause of that, and so on. */
export function causeChain(failure: unknown): readonly unknown[] {
  const chain = [failure];
  for (let cause = causeOf(failure); cause !== undefined && chain.length < causesMax; cause = causeOf(cause)) {
    chain.push(cause);
  }
  return chain;
}

/** Where an embedder may keep a cause that printing must not show. */
const hidden: unique symbol = Symbol.for('virtkit.cause');

function causeOf(failure: unknown): unknown {
  try {
    const { cause, [hidden]: put = cause } = failure as { readonly cause?: unknown; readonly [hidden]?: unknown };
    return put;
  } catch {
    // Thrown was null or undefined, or a value whose getter throws. It has no cause that could be known.
    return undefined;
  }
}
