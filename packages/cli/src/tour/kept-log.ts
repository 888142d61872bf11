import { computeLog, type DriverLog } from '@virtkit/core';

/** The operator's log, kept back: it is for the case that the tour itself goes wrong. */
export interface KeptLog {
  readonly log: DriverLog;
  /** The last lines, oldest first. */
  readonly lines: readonly string[];
}

const LINES_MAX = 20;

export function keptLog(): KeptLog {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line.trimEnd());
    if (lines.length > LINES_MAX) lines.shift();
  };
  return { log: computeLog({ level: 'warn', destination: { write } }), lines };
}
