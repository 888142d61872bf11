/** What a client is asked to do, in a line of JSON: so many calls of one kind, so many of them in flight. */
export interface Work {
  /**
   * `info`: domainGetInfo of the simulated domain. `list`: all domains of the host. `xml`: that of the nth domain of the
   * host. `stats`: the statistics of all of them. `event`: the simulated domain is suspended, and the time until the event
   * has come is taken.
   */
  readonly work: 'info' | 'list' | 'xml' | 'stats' | 'event';
  readonly calls: number;
  readonly inFlight: number;
}

export interface WorkDone {
  readonly seconds: number;
  /** Of the client's process, the kernel's part included. */
  readonly cpuSeconds: number;
}
