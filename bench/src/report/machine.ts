import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures depend on, in one line. The load says how busy others kept the machine. */
export function describeMachine(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'an unknown CPU';
  const memoryGib = (totalmem() / 2 ** 30).toFixed(0);
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  return `${availableParallelism()} cores of ${cpu}, ${memoryGib} GiB, ${type()} ${release()}, Node ${process.versions.node}, load ${load} before the run`;
}
