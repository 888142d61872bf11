import { procedures, type Connection, type Procedure } from '../../src/index.js';
import type { Cast } from './cast.js';
import { guestXml } from './guest-xml.js';
import { filterXml, networkXml, poolXml, secretXml, volumeXml } from './stage.js';

type Telling = (cast: Cast, connection: Connection) => object | Promise<object>;

const MISSING_DOMAIN_NAME = 'another';
const nowhere = 'qemu+unix:///system?socket=/nonexistent/socket';
const cdrom = `<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>`;
const floppy = `<disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>`;
const cpu = `<cpu><arch>x86_64</arch><model>core2duo</model></cpu>`;
const cpumap = new Uint8Array([1]);
const fromIdle: Telling = ({ idle }) => ({ dom: idle });
const device: Telling = () => ({ xml: floppy, flags: 2 });
const sameGuest: Telling = ({ driver, guest, diskPath }) => ({ xml: guestXml(driver, { ...guest, diskPath }) });
const newGuest: Telling = async ({ driver, idle }, connection) => {
  await connection.call(procedures.domainUndefine, { dom: idle });
  return { xml_desc: guestXml(driver, idle), dom_xml: guestXml(driver, idle) };
};
const newNetwork: Telling = async (cast, connection) => {
  await connection.call(procedures.networkDestroy, { net: cast.network }).catch(() => undefined);
  await connection.call(procedures.networkUndefine, { net: cast.network });
  return { xml: networkXml(cast) };
};
const stoppedNetwork: Telling = async ({ network }, connection) => {
  await connection.call(procedures.networkDestroy, { net: network }).catch(() => undefined);
  return {};
};
const stoppedPool: Telling = async ({ pool }, connection) => {
  await connection.call(procedures.storagePoolDestroy, { pool });
  return {};
};
const newPool: Telling = async (cast, connection) => {
  await stoppedPool(cast, connection);
  await connection.call(procedures.storagePoolUndefine, { pool: cast.pool });
  return { xml: poolXml(cast) };
};
const newVolume: Telling = async ({ pool, volume }, connection) => {
  const vol = { ...volume, name: 'new', key: volume.key.replace(/disk$/, 'new') };
  await connection.call(procedures.storageVolDelete, { vol, flags: 0 }).catch(() => undefined);
  return { pool, xml: volumeXml('new', 'raw') };
};
const otherVolume: Telling = async (cast, connection) => {
  await newVolume(cast, connection);
  const args = { pool: cast.pool, xml: volumeXml('new', 'raw'), flags: 0 };
  return connection.call(procedures.storageVolCreateXML, args);
};
const interfaceXml: Telling = ({ iface }) => ({
  xml: `<interface type='ethernet' name='nowhere'><mac address='${iface.mac}'/></interface>`,
});
/** The host's own interfaces and devices are not to be touched. */
const noInterface: Telling = ({ driver, iface }) => ({
  iface: driver === 'test' ? iface : { ...iface, name: 'nowhere' },
});
const saved: Telling = async ({ guest, directory }, connection) => {
  const to = `${directory}/saved`;
  await connection.call(procedures.domainSave, { dom: guest, to });
  return { from: to, file: to, dxml: null, params: [{ field: 'file', type: 'string', value: to }] };
};
const managedSaved: Telling = async ({ guest }, connection) => {
  await connection.call(procedures.domainManagedSave, { dom: guest, flags: 0 });
  return {};
};
/** libvirtd 9.0 crashes when it is given no XML here. */
const managedSavedXml: Telling = async (cast, connection) => {
  await managedSaved(cast, connection);
  return { dxml: guestXml(cast.driver, { ...cast.guest, diskPath: cast.diskPath }) };
};
const savedXml: Telling = async (cast, connection) => {
  const given = await saved(cast, connection);
  const { xml } = await connection.call(procedures.domainSaveImageGetXMLDesc, {
    file: `${cast.directory}/saved`,
    flags: 1,
  });
  return { ...given, dxml: xml };
};
const suspended: Telling = async ({ guest }, connection) => {
  await connection.call(procedures.domainSuspend, { dom: guest });
  return {};
};
/** QEMU's driver migrates no domain with snapshots, and makes no checkpoints of it. */
const withoutSnapshot: Telling = async ({ guest, snapshotName }, connection) => {
  const snap = { name: snapshotName, dom: guest };
  await connection.call(procedures.domainSnapshotDelete, { snap, flags: 0 }).catch(() => undefined);
  return {};
};
const checkpoint = `<domaincheckpoint><name>first</name></domaincheckpoint>`;
const withCheckpoint: Telling = async (cast, connection) => {
  const { guest } = cast;
  await withoutSnapshot(cast, connection);
  const args = { dom: guest, xml_desc: checkpoint, flags: 0 };
  await connection.call(procedures.domainCheckpointCreateXML, args).catch(() => undefined);
  return {};
};
const everyObject = { dom: null, net: null, pool: null, dev: null, secret: null };
/** Registers for the events of all objects first. What the driver does not support has no callback, and no id. */
const registered = <Arguments extends { readonly eventID: number }>(
  register: Procedure<Arguments, { readonly callbackID: number }>,
): Telling => {
  const args = { eventID: 0, ...everyObject } as unknown as NoInfer<Arguments>;
  return (_cast, connection) => connection.call(register, args).catch(() => ({ callbackID: 0 }));
};
const portXml: Telling = ({ guest }) => ({
  xml: `<networkport><owner><name>${guest.name}</name><uuid>${guest.uuid}</uuid></owner><mac address='52:54:00:7b:35:93'/></networkport>`,
});
const numbers = (count: number): Telling => {
  return () => ({ nparams: count });
};
const monitor = { cmd: JSON.stringify({ execute: 'query-status' }), flags: 0 };
const agent = { cmd: JSON.stringify({ execute: 'guest-ping' }), timeout: 1 };
const metadata = { type: 2, metadata: '<a/>', key: 'k', uri: 'urn:a', flags: 0 };
const throttle = { disk: 'vda', params: [{ field: 'total_bytes_sec', type: 'ullong', value: 1_000_000n }] };

/** By procedure: arguments to which a daemon has more to answer than to the usual ones. */
export const tellingArguments: Readonly<Record<string, Telling>> = {
  domainLookupByID: async ({ guest }, connection) => connection.lookupByName(guest.name),
  domainCreate: fromIdle,
  domainCreateWithFlags: fromIdle,
  domainUndefine: fromIdle,
  domainUndefineFlags: fromIdle,
  domainRename: (cast) => ({ dom: cast.idle, new_name: MISSING_DOMAIN_NAME }),
  domainSetMaxMemory: (cast) => ({ dom: cast.idle, memory: 65_536n }),
  domainSetMemory: () => ({ memory: 32_768n }),
  domainSetMemoryFlags: () => ({ memory: 32_768n, flags: 1 }),
  domainSetVcpus: () => ({ nvcpus: 1 }),
  domainSetVcpusFlags: () => ({ nvcpus: 1, flags: 1 }),
  domainPinVcpu: () => ({ cpumap }),
  domainPinVcpuFlags: () => ({ cpumap }),
  domainPinEmulator: () => ({ cpumap, flags: 1 }),
  domainPinIOThread: () => ({ iothreads_id: 1, cpumap, flags: 1 }),
  domainAddIOThread: () => ({ iothread_id: 7, flags: 1 }),
  domainGetVcpus: () => ({ maxinfo: 1, maplen: 1 }),
  domainGetVcpuPinInfo: () => ({ ncpumaps: 1, maplen: 1 }),
  domainGetEmulatorPinInfo: () => ({ maplen: 1 }),
  domainGetCPUStats: () => ({ nparams: 0, start_cpu: -1, ncpus: 1 }),
  domainGetSchedulerParameters: numbers(1),
  domainMemoryStats: () => ({ maxStats: 11 }),
  domainMemoryPeek: () => ({ offset: 0n, size: 16, flags: 2 }),
  domainBlockPeek: () => ({ path: 'vda', size: 16 }),
  domainBlockResize: () => ({ disk: 'vda', size: 2_097_152n, flags: 1 }),
  domainGetBlockIoTune: () => ({ disk: 'vda', nparams: 0 }),
  domainSetBlockIoTune: () => throttle,
  domainSetBlockThreshold: () => ({ dev: 'vda', threshold: 4_096n }),
  domainBlockCommit: () => ({ disk: 'vda' }),
  domainInterfaceStats: () => ({ device: 'testnet0' }),
  domainGetInterfaceParameters: () => ({ device: 'testnet0' }),
  domainDefineXML: sameGuest,
  domainDefineXMLFlags: sameGuest,
  domainCreateXML: newGuest,
  domainAttachDevice: () => ({ xml: cdrom }),
  domainAttachDeviceFlags: device,
  domainDetachDevice: () => ({ xml: cdrom }),
  domainDetachDeviceFlags: async ({ guest }, connection) => {
    await connection
      .call(procedures.domainAttachDeviceFlags, { dom: guest, xml: floppy, flags: 2 })
      .catch(() => undefined);
    return { xml: floppy, flags: 2 };
  },
  domainUpdateDeviceFlags: async ({ guest }, connection) => {
    await connection
      .call(procedures.domainAttachDeviceFlags, { dom: guest, xml: floppy, flags: 2 })
      .catch(() => undefined);
    return { xml: floppy, flags: 2 };
  },
  domainDetachDeviceAlias: () => ({ alias: 'nothing' }),
  domainRestore: saved,
  domainRestoreFlags: saved,
  domainRestoreParams: saved,
  domainSaveParams: ({ directory }) => ({ params: [{ field: 'file', type: 'string', value: `${directory}/saved` }] }),
  domainSaveImageGetXMLDesc: saved,
  domainSaveImageDefineXML: savedXml,
  domainManagedSaveRemove: managedSaved,
  domainManagedSaveGetXMLDesc: managedSaved,
  domainManagedSaveDefineXML: managedSavedXml,
  domainResume: suspended,
  domainSetMetadata: () => ({ ...metadata, flags: 2 }),
  domainGetMetadata: async ({ guest }, connection) => {
    await connection.call(procedures.domainSetMetadata, { dom: guest, ...metadata, flags: 2 });
    return { type: 2, uri: 'urn:a', flags: 2 };
  },
  domainSendKey: () => ({ keycodes: [30] }),
  domainSetTime: () => ({ seconds: 1n }),
  domainSetUserPassword: () => ({ user: 'root', password: 'secret' }),
  domainSetGuestVcpus: () => ({ cpumap: '0', state: 1 }),
  domainSetVcpu: () => ({ cpumap: '0', state: 1 }),
  domainSetLifecycleAction: () => ({ type: 0, action: 0, flags: 2 }),
  domainSetMemoryStatsPeriod: () => ({ period: 1, flags: 1 }),
  domainSetPerfEvents: () => ({ params: [{ field: 'cmt', type: 'boolean', value: false }] }),
  domainSetSchedulerParametersFlags: () => ({ params: [{ field: 'weight', type: 'uint', value: 60 }] }),
  domainSetSchedulerParameters: () => ({ params: [{ field: 'weight', type: 'uint', value: 60 }] }),
  domainSetMemoryParameters: () => ({ params: [{ field: 'hard_limit', type: 'ullong', value: 1_048_576n }], flags: 2 }),
  domainSetBlkioParameters: () => ({ params: [{ field: 'weight', type: 'uint', value: 500 }], flags: 2 }),
  domainSetNumaParameters: () => ({ params: [{ field: 'numa_nodeset', type: 'string', value: '0' }], flags: 2 }),
  domainAgentSetResponseTimeout: () => ({ timeout: -2 }),
  domainStartDirtyRateCalc: () => ({ seconds: 1 }),
  domainPMSuspendForDuration: () => ({ target: 0 }),
  domainSnapshotCreateXML: () => ({ xml_desc: '<domainsnapshot><name>second</name></domainsnapshot>' }),
  domainCheckpointCreateXML: async (cast, connection) => ({
    ...(await withoutSnapshot(cast, connection)),
    xml_desc: checkpoint,
  }),
  domainCheckpointGetXMLDesc: withCheckpoint,
  domainCheckpointLookupByName: withCheckpoint,
  domainCheckpointGetParent: withCheckpoint,
  domainCheckpointListAllChildren: withCheckpoint,
  domainCheckpointDelete: withCheckpoint,
  domainBackupBegin: () => ({
    backup_xml: `<domainbackup mode='pull'><server transport='unix' socket='/nonexistent/s'/></domainbackup>`,
  }),
  domainMonitorCommand: () => monitor,
  domainMonitorCommandWithFiles: () => monitor,
  domainAgentCommand: () => agent,
  domainAttach: () => ({ pid_value: 1 }),
  domainMigrateBegin3: withoutSnapshot,
  domainMigrateBegin3Params: withoutSnapshot,
  // Peer to peer, and nobody listens there. A managed perform that was not begun makes libvirtd 9.0 crash.
  domainMigratePerform: () => ({ uri: nowhere, flags: 2n }),
  domainMigratePerform3: () => ({ dconnuri: nowhere, flags: 2n }),
  domainMigratePerform3Params: () => ({ dconnuri: nowhere, flags: 2 }),
  networkCreate: stoppedNetwork,
  networkUndefine: stoppedNetwork,
  networkCreateXML: newNetwork,
  networkCreateXMLFlags: newNetwork,
  networkDefineXML: (cast) => ({ xml: networkXml(cast) }),
  networkDefineXMLFlags: (cast) => ({ xml: networkXml(cast) }),
  networkUpdate: () => ({
    command: 3,
    section: 10,
    parentIndex: -1,
    xml: `<host ip='192.0.2.1'><hostname>a</hostname></host>`,
  }),
  networkPortCreateXML: portXml,
  storagePoolCreate: stoppedPool,
  storagePoolBuild: stoppedPool,
  storagePoolDelete: stoppedPool,
  storagePoolUndefine: stoppedPool,
  storagePoolCreateXML: newPool,
  storagePoolDefineXML: (cast) => ({ xml: poolXml(cast) }),
  storagePoolLookupByTargetPath: ({ directory }) => ({ path: `${directory}/pool` }),
  storageVolCreateXML: newVolume,
  storageVolCreateXMLFrom: async (cast, connection) => ({
    ...(await newVolume(cast, connection)),
    clonevol: cast.volume,
  }),
  storageVolDelete: otherVolume,
  storageVolWipe: otherVolume,
  storageVolWipePattern: otherVolume,
  storageVolResize: async (cast, connection) => ({ ...(await otherVolume(cast, connection)), capacity: 2_097_152n }),
  storageVolUpload: otherVolume,
  storageVolDownload: otherVolume,
  connectFindStoragePoolSources: () => ({ type: 'logical' }),
  secretDefineXML: (cast) => ({ xml: secretXml(cast) }),
  secretSetValue: () => ({ value: Buffer.from('secret') }),
  secretLookupByUsage: ({ secret }) => ({ usageType: secret.usageType, usageID: secret.usageID }),
  nwFilterDefineXML: (cast) => ({ xml: filterXml(cast) }),
  nwFilterDefineXMLFlags: (cast) => ({ xml: filterXml(cast) }),
  interfaceDefineXML: interfaceXml,
  interfaceUndefine: noInterface,
  interfaceCreate: noInterface,
  interfaceDestroy: noInterface,
  connectCompareCPU: () => ({ xml: cpu }),
  connectBaselineCPU: () => ({ xmlCPUs: [cpu] }),
  connectCompareHypervisorCPU: () => ({ xmlCPU: cpu, virttype: 'qemu' }),
  connectBaselineHypervisorCPU: () => ({ xmlCPUs: [cpu], virttype: 'qemu' }),
  connectGetDomainCapabilities: () => ({ virttype: 'qemu' }),
  connectDomainXMLToNative: async (cast, connection) => ({
    nativeFormat: 'qemu-argv',
    domainXml: Reflect.get(await sameGuest(cast, connection), 'xml') as string,
  }),
  connectDomainEventDeregister: async (_cast, connection) => connection.call(procedures.connectDomainEventRegister, {}),
  connectDomainEventDeregisterAny: async (_cast, connection) => {
    await connection.call(procedures.connectDomainEventRegisterAny, { eventID: 1 });
    return { eventID: 1 };
  },
  connectDomainEventCallbackDeregisterAny: registered(procedures.connectDomainEventCallbackRegisterAny),
  connectNetworkEventDeregisterAny: registered(procedures.connectNetworkEventRegisterAny),
  connectStoragePoolEventDeregisterAny: registered(procedures.connectStoragePoolEventRegisterAny),
  connectNodeDeviceEventDeregisterAny: registered(procedures.connectNodeDeviceEventRegisterAny),
  connectSecretEventDeregisterAny: registered(procedures.connectSecretEventRegisterAny),
  nodeGetCPUMap: () => ({ need_map: 1, need_online: 1 }),
  nodeGetCPUStats: () => ({ cpuNum: -1 }),
  nodeGetMemoryStats: () => ({ cellNum: -1 }),
  nodeGetCellsFreeMemory: () => ({ maxcells: 1 }),
  nodeGetFreePages: () => ({ pages: [4], cellCount: 1 }),
  // No such target: the host is not to be suspended.
  nodeSuspendForDuration: () => ({ target: 99, duration: 0n }),
};
