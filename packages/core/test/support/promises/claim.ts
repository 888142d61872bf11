let claims = 0;

/** How many claims were checked in this process so far. */
export function claimCount(): number {
  return claims;
}

export type Claim = (holds: boolean, promise: string) => void;

/** Counts what is claimed, and keeps what does not hold. */
export function claiming(broken: string[]): Claim {
  return (holds, promise) => {
    claims += 1;
    if (!holds) broken.push(promise);
  };
}
