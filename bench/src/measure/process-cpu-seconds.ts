import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for whoever asks by /proc. */
const TICKS_A_SECOND = 100;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** The CPU time that a process has taken so far, the kernel's part included. Coarse: take differences over many calls. */
export function processCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in parentheses and may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_A_SECOND;
}
