import { mkdir } from 'node:fs/promises';
import { DomainState, LibvirtError, procedures, type RpcConnection } from '../../src/index.js';
import type { Cast } from './cast.js';
import { guestXml } from './guest-xml.js';

const { VIR_DOMAIN_RUNNING } = DomainState;

export const networkXml = ({ network }: Cast): string =>
  `<network><name>${network.name}</name><uuid>${network.uuid}</uuid><bridge name='vkorc0'/></network>`;
export const poolXml = ({ pool, directory }: Cast): string =>
  `<pool type='dir'><name>${pool.name}</name><uuid>${pool.uuid}</uuid><target><path>${directory}/pool</path></target></pool>`;
export const volumeXml = (name: string, format: string): string =>
  `<volume><name>${name}</name><capacity unit='MiB'>1</capacity><target><format type='${format}'/></target></volume>`;
export const secretXml = ({ secret }: Cast): string =>
  `<secret ephemeral='no' private='no'><uuid>${secret.uuid}</uuid><usage type='volume'><volume>${secret.usageID}</volume></usage></secret>`;
export const filterXml = ({ filter }: Cast): string =>
  `<filter name='${filter.name}'><uuid>${filter.uuid}</uuid></filter>`;

/**
 * Brings every object of the cast into its usual state, whatever the last call has done to it: the guest runs, the idle
 * one does not, pool and network are active, and all are defined.
 */
export async function setStage(connection: RpcConnection, cast: Cast): Promise<void> {
  await setPool(connection, cast);
  await setNetwork(connection, cast);
  await setGuest(connection, cast);
  await setIdle(connection, cast);
  if (cast.driver === 'test') return;
  await connection.call(procedures.secretDefineXML, { xml: secretXml(cast), flags: 0 });
  await connection.call(procedures.secretSetValue, { secret: cast.secret, value: Buffer.from('secret'), flags: 0 });
  await connection.call(procedures.nwFilterDefineXML, { xml: filterXml(cast) });
}

async function setPool(connection: RpcConnection, cast: Cast): Promise<void> {
  const { pool, volume, directory } = cast;
  await mkdir(`${directory}/pool`, { recursive: true });
  await connection.call(procedures.storagePoolDefineXML, { xml: poolXml(cast), flags: 0 }).catch(libvirtRefuses);
  await connection.call(procedures.storagePoolCreate, { pool, flags: 0 }).catch(libvirtRefuses);
  await connection.call(procedures.storagePoolRefresh, { pool, flags: 0 });
  const volumes = await connection.call(procedures.storagePoolListVolumes, { pool, maxnames: 64 });
  if (volumes.names.includes(volume.name)) return;
  await connection.call(procedures.storageVolCreateXML, { pool, xml: volumeXml(volume.name, 'qcow2'), flags: 0 });
}

async function setNetwork(connection: RpcConnection, cast: Cast): Promise<void> {
  const { network } = cast;
  await connection.call(procedures.networkDefineXML, { xml: networkXml(cast) });
  // A host's network may lack what this needs: then the calls about it are answered with errors.
  const { active } = await connection.call(procedures.networkIsActive, { net: network });
  if (active === 0) await connection.call(procedures.networkCreate, { net: network }).catch(libvirtRefuses);
}

async function setGuest(connection: RpcConnection, cast: Cast): Promise<void> {
  const { guest, driver, diskPath, snapshotName } = cast;
  await connection.call(procedures.domainDefineXMLFlags, { xml: guestXml(driver, { ...guest, diskPath }), flags: 0 });
  const { state } = await connection.call(procedures.domainGetState, { dom: guest, flags: 0 });
  if (state !== VIR_DOMAIN_RUNNING) {
    await connection.call(procedures.domainDestroy, { dom: guest }).catch(libvirtRefuses);
    await connection.call(procedures.domainManagedSaveRemove, { dom: guest, flags: 0 }).catch(libvirtRefuses);
    await connection.call(procedures.domainCreate, { dom: guest });
  }
  const { result } = await connection.call(procedures.domainHasCurrentSnapshot, { dom: guest, flags: 0 });
  if (result === 1) return;
  const xml_desc = `<domainsnapshot><name>${snapshotName}</name></domainsnapshot>`;
  await connection.call(procedures.domainSnapshotCreateXML, { dom: guest, xml_desc, flags: 0 }).catch(libvirtRefuses);
}

/** Made anew each time, as it may have got another name. */
async function setIdle(connection: RpcConnection, { idle, driver }: Cast): Promise<void> {
  await connection.call(procedures.domainDestroy, { dom: idle }).catch(libvirtRefuses);
  await connection.call(procedures.domainUndefine, { dom: idle }).catch(libvirtRefuses);
  await connection.call(procedures.domainDefineXMLFlags, { xml: guestXml(driver, idle), flags: 0 });
}

/** Ends what would outlive the daemon on the host. */
export async function clearStage(connection: RpcConnection, { network }: Cast): Promise<void> {
  await connection.call(procedures.networkDestroy, { net: network }).catch(libvirtRefuses);
}

function libvirtRefuses(error: unknown): void {
  if (!(error instanceof LibvirtError)) throw error;
}
