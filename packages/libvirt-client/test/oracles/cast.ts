import type { RemoteDomain } from '../../src/index.js';

export type Driver = 'test' | 'qemu';

/** The objects that the calls of a test are about. They exist while the test is on stage; see stage.ts. */
export interface Cast {
  readonly driver: Driver;
  /** Where the daemon and we may make files. */
  readonly directory: string;
  /** Runs. */
  readonly guest: RemoteDomain;
  /** Is defined, and does not run. */
  readonly idle: RemoteDomain;
  readonly network: { readonly name: string; readonly uuid: string };
  readonly pool: { readonly name: string; readonly uuid: string };
  readonly volume: { readonly pool: string; readonly name: string; readonly key: string };
  readonly secret: { readonly uuid: string; readonly usageType: number; readonly usageID: string };
  readonly filter: { readonly name: string; readonly uuid: string };
  readonly iface: { readonly name: string; readonly mac: string };
  readonly device: { readonly name: string };
  readonly snapshotName: string;
  readonly diskPath: string;
}

const uuid = (driver: Driver, last: string): string =>
  `c${driver === 'test' ? '1' : '2'}000000-0000-4000-8000-00000000000${last}`;

export function castOf(driver: Driver, directory: string): Cast {
  const poolPath = `${directory}/pool`;
  const guest = { name: 'guest', uuid: uuid(driver, '1'), id: -1 };
  return {
    driver,
    directory,
    guest,
    idle: { name: 'idle', uuid: uuid(driver, '2'), id: -1 },
    network: { name: 'vknet', uuid: uuid(driver, '3') },
    pool: { name: 'vkpool', uuid: uuid(driver, '4') },
    volume: { pool: 'vkpool', name: 'disk', key: `${poolPath}/disk` },
    secret: { uuid: uuid(driver, '5'), usageType: 1, usageID: '/a/volume' },
    filter: { name: 'vkfilter', uuid: uuid(driver, '6') },
    iface: driver === 'test' ? { name: 'eth1', mac: 'aa:bb:cc:dd:ee:ff' } : { name: 'lo', mac: '00:00:00:00:00:00' },
    device: { name: driver === 'test' ? 'scsi_host2' : 'computer' },
    snapshotName: 'first',
    diskPath: `${poolPath}/disk`,
  };
}
