import type { GuestView } from '../hypervisor/guest-view.js';

/** What the host holds for an instance, each beginning with what it is. */
export function belongingsOf({
  disks,
  vifs,
  savedMemory,
  shares,
  capture,
  kept,
  arrived,
  probe,
}: GuestView): readonly string[] {
  return [
    ...disks.map(({ id }) => `disk ${id}`),
    ...vifs.map((id) => `vif ${id}`),
    ...(savedMemory === 'present' ? ['saved memory'] : []),
    ...(shares ?? []).map(({ id }) => `share ${id}`),
    ...(capture === undefined ? [] : [`snapshot ${capture.imageId}`]),
    ...(kept ?? []).map(({ id }) => `kept disk ${id}`),
    ...(arrived ?? []).map(({ id }) => `arrived disk ${id}`),
    ...(probe === undefined ? [] : ['probe file']),
  ];
}
