import { procedures, type RemoteDomain, type RpcConnection, type TypedParameter } from '../../src/index.js';
import type { Question } from './question.js';

type Ask = (connection: RpcConnection, dom: RemoteDomain) => Promise<unknown>;

/** Strings among typed parameters come only to those who say that they know of them. */
const STRING_OKAY = 4;
const p = procedures;

const only = <Name extends string, Value>(name: Name, result: Promise<Readonly<Record<Name, Value>>>): Promise<Value> =>
  result.then((fields) => fields[name]);
const list = async (result: Promise<object>): Promise<unknown[]> => Object.values(await result);
const byName = (params: readonly TypedParameter[]): object => {
  return Object.fromEntries(params.map(({ field, value }) => [field, value]));
};
type Getter = typeof p.domainGetMemoryParameters | typeof p.domainGetBlkioParameters | typeof p.domainGetNumaParameters;
/** As the C API does it: asks for the number first. */
const parameters = (procedure: Getter, flags: number): Ask => {
  return async (c, dom) => {
    const { nparams } = await c.call(procedure, { dom, nparams: 0, flags: flags | STRING_OKAY });
    return byName((await c.call(procedure, { dom, nparams, flags: flags | STRING_OKAY })).params);
  };
};
const sorted = async (result: Promise<readonly { readonly name: string }[]>): Promise<object[]> => {
  return (await result).map(({ name }) => ({ name })).sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** By the method of python3-libvirt's virDomain. */
const asks: Readonly<Record<string, Ask>> = {
  'name()': async (_c, dom) => dom.name,
  'UUIDString()': async (_c, dom) => dom.uuid,
  'ID()': async (_c, dom) => dom.id,
  // The fifth is the time it has run, which goes on.
  'info()[:4]': async (c, dom) => (await list(c.call(p.domainGetInfo, { dom }))).slice(0, 4),
  'state()': (c, dom) => list(c.call(p.domainGetState, { dom, flags: 0 })),
  'XMLDesc(0)': (c, dom) => only('xml', c.call(p.domainGetXMLDesc, { dom, flags: 0 })),
  'XMLDesc(1)': (c, dom) => only('xml', c.call(p.domainGetXMLDesc, { dom, flags: 1 })),
  'XMLDesc(2)': (c, dom) => only('xml', c.call(p.domainGetXMLDesc, { dom, flags: 2 })),
  'maxMemory()': (c, dom) => only('memory', c.call(p.domainGetMaxMemory, { dom })),
  'maxVcpus()': (c, dom) => only('num', c.call(p.domainGetMaxVcpus, { dom })),
  'OSType()': (c, dom) => only('type', c.call(p.domainGetOSType, { dom })),
  'isActive()': (c, dom) => only('active', c.call(p.domainIsActive, { dom })),
  'isPersistent()': (c, dom) => only('persistent', c.call(p.domainIsPersistent, { dom })),
  'isUpdated()': (c, dom) => only('updated', c.call(p.domainIsUpdated, { dom })),
  'autostart()': (c, dom) => only('autostart', c.call(p.domainGetAutostart, { dom })),
  'hasManagedSaveImage(0)': (c, dom) => only('result', c.call(p.domainHasManagedSaveImage, { dom, flags: 0 })),
  'hasCurrentSnapshot(0)': (c, dom) => only('result', c.call(p.domainHasCurrentSnapshot, { dom, flags: 0 })),
  'snapshotNum(0)': (c, dom) => only('num', c.call(p.domainSnapshotNum, { dom, flags: 0 })),
  'snapshotListNames(0)': (c, dom) => {
    return only('names', c.call(p.domainSnapshotListNames, { dom, maxnames: 64, flags: 0 }));
  },
  'snapshotCurrent(0)': (c, dom) => only('snap', c.call(p.domainSnapshotCurrent, { dom, flags: 0 })),
  'snapshotLookupByName("nothing", 0)': (c, dom) =>
    c.call(p.domainSnapshotLookupByName, { dom, name: 'nothing', flags: 0 }),
  'checkpointLookupByName("nothing", 0)': (c, dom) => {
    return c.call(p.domainCheckpointLookupByName, { dom, name: 'nothing', flags: 0 });
  },
  'vcpusFlags(2)': (c, dom) => only('num', c.call(p.domainGetVcpusFlags, { dom, flags: 2 })),
  'vcpusFlags(6)': (c, dom) => only('num', c.call(p.domainGetVcpusFlags, { dom, flags: 6 })),
  'vcpusFlags(1)': (c, dom) => only('num', c.call(p.domainGetVcpusFlags, { dom, flags: 1 })),
  'memoryParameters(2)': parameters(p.domainGetMemoryParameters, 2),
  'blkioParameters(2)': parameters(p.domainGetBlkioParameters, 2),
  'numaParameters(2)': parameters(p.domainGetNumaParameters, 2),
  'metadata(0, None, 2)': (c, dom) =>
    only('metadata', c.call(p.domainGetMetadata, { dom, type: 0, uri: null, flags: 2 })),
  'metadata(1, None, 2)': (c, dom) =>
    only('metadata', c.call(p.domainGetMetadata, { dom, type: 1, uri: null, flags: 2 })),
  'metadata(2, "urn:x", 2)': (c, dom) => {
    return only('metadata', c.call(p.domainGetMetadata, { dom, type: 2, uri: 'urn:x', flags: 2 }));
  },
  'blockInfo("nothing", 0)': (c, dom) => list(c.call(p.domainGetBlockInfo, { dom, path: 'nothing', flags: 0 })),
  'interfaceStats("nothing")': (c, dom) => list(c.call(p.domainInterfaceStats, { dom, device: 'nothing' })),
  'diskErrors(0)': async (c, dom) => {
    const { nerrors } = await c.call(p.domainGetDiskErrors, { dom, maxerrors: 0, flags: 0 });
    const { errors } = await c.call(p.domainGetDiskErrors, { dom, maxerrors: nerrors, flags: 0 });
    return Object.fromEntries(errors.map(({ disk, error }) => [disk, error]));
  },
  'hostname(0)': (c, dom) => only('hostname', c.call(p.domainGetHostname, { dom, flags: 0 })),
  'blockResize("nothing", 1, 0)': (c, dom) => c.call(p.domainBlockResize, { dom, disk: 'nothing', size: 1n, flags: 0 }),
  'attachDevice("<disk")': (c, dom) => c.call(p.domainAttachDevice, { dom, xml: '<disk' }),
  'updateDeviceFlags("<nothing/>", 2)': (c, dom) =>
    c.call(p.domainUpdateDeviceFlags, { dom, xml: '<nothing/>', flags: 2 }),
  'abortJob()': (c, dom) => c.call(p.domainAbortJob, { dom }).then(() => 0),
  'setMemory(1 << 50)': (c, dom) => c.call(p.domainSetMemory, { dom, memory: 1n << 50n }),
  'managedSaveGetXMLDesc(0)': (c, dom) => only('xml', c.call(p.domainManagedSaveGetXMLDesc, { dom, flags: 0 })),
  'backupGetXMLDesc(0)': (c, dom) => only('xml', c.call(p.domainBackupGetXMLDesc, { dom, flags: 0 })),
  'messages(0)': (c, dom) => only('msgs', c.call(p.domainGetMessages, { dom, flags: 0 })),
  'listAllSnapshots(0)': (c, dom) => {
    return sorted(
      c.call(p.domainListAllSnapshots, { dom, need_results: 1, flags: 0 }).then(({ snapshots }) => snapshots),
    );
  },
};

/** Every question about one domain. */
export function domainQuestions(name: string): Question[] {
  return Object.entries(asks).map(([method, ask]) => ({
    theirs: `c.lookupByName("${name}").${method}`,
    ours: async (connection) => ask(connection, (await connection.call(p.domainLookupByName, { name })).dom),
  }));
}
