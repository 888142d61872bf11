/** What Virtkit promises of an operation that fails, as far as an audience can see it. Said again at the tour's end. */
const promises = {
  translated: "The hypervisor's error leaves its driver as a code of one closed list, with its cause attached.",
  firstWins: 'The action, its event, the fault and the notifications all tell of the same, first failure.',
  readers: 'The tenant reads a fixed public text; every word of the host is for the operator alone.',
  settled: 'No task state is left behind, and the record of the guest agrees with the hypervisor.',
  recordedOnce: 'There is exactly one fault, one event closed with Error, one exception notification.',
  cleanedUp: 'The failed start has left nothing running, and nothing on the host that was not there before.',
  repaired: 'The next hard reboot repairs the instance.',
  nothingLeft: 'After the deletion nothing is left: no guest, no disk, no interface.',
} as const;

export type PromiseName = keyof typeof promises;

/** Something that was to be true is not. Ends the tour. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Which promises have been looked at and found kept. */
export class PromiseLedger {
  readonly #kept = new Set<PromiseName>();

  /** Notes that a promise was kept, by an observation that has come out true. @throws BrokenPromise when it has not */
  keep(promise: PromiseName, observation: string, cameTrue: boolean): void {
    if (!cameTrue) throw new BrokenPromise(`"${promises[promise]}" This does not hold: ${observation}.`);
    this.#kept.add(promise);
  }

  /** For what the story itself relies on. @throws BrokenPromise */
  expect(observation: string, cameTrue: boolean): void {
    if (!cameTrue) throw new BrokenPromise(`This does not hold: ${observation}.`);
  }

  /** Every promise, kept. @throws BrokenPromise when one was never looked at: what is claimed must have been seen */
  allKept(): readonly string[] {
    const names = Object.keys(promises) as PromiseName[];
    const unseen = names.filter((name) => !this.#kept.has(name));
    if (unseen.length > 0) throw new BrokenPromise(`The tour has not looked at: ${unseen.join(', ')}.`);
    return names.map((name) => promises[name]);
  }
}
