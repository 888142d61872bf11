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

function causeOf(failure: unknown): unknown {
  try {
    return (failure as { readonly cause?: unknown }).cause;
  } catch {
    // Thrown was null or undefined, or a value whose getter throws. It has no cause that could be known.
    return undefined;
  }
}
