import { procedures, type RpcConnection } from '../../src/index.js';
import type { Question } from './question.js';

const p = procedures;
const everything = { need_results: 1, flags: 0 };
const nowhere = 'd0000000-0000-4000-8000-00000000000d';

const only = <Name extends string, Value>(name: Name, result: Promise<Readonly<Record<Name, Value>>>): Promise<Value> =>
  result.then((fields) => fields[name]);
interface Named {
  readonly name: string;
  readonly uuid?: string;
}
const named = async (result: Promise<readonly Named[]>): Promise<Named[]> => {
  const names = (await result).map(({ name, uuid }) => (uuid === undefined ? { name } : { name, uuid }));
  return names.sort((a, b) => (a.name < b.name ? -1 : 1));
};
const inOrder = (list: string): string => `sorted(${list}, key=lambda each: each.name())`;

/** By the expression of python3-libvirt. */
const asks: Readonly<Record<string, (c: RpcConnection) => Promise<unknown>>> = {
  'c.getType()': (c) => only('type', c.call(p.connectGetType, {})),
  'c.getVersion()': (c) => c.getVersion(),
  'c.getLibVersion()': (c) => c.getLibVersion(),
  'c.getHostname()': (c) => c.getHostname(),
  'c.getCapabilities()': (c) => c.getCapabilities(),
  'c.getSysinfo(0)': (c) => only('sysinfo', c.call(p.connectGetSysinfo, { flags: 0 })),
  'c.getMaxVcpus(None)': (c) => only('max_vcpus', c.call(p.connectGetMaxVcpus, { type: null })),
  'c.isSecure()': (c) => only('secure', c.call(p.connectIsSecure, {})),
  'c.numOfDomains()': (c) => only('num', c.call(p.connectNumOfDomains, {})),
  'c.numOfDefinedDomains()': (c) => only('num', c.call(p.connectNumOfDefinedDomains, {})),
  'c.numOfNetworks()': (c) => only('num', c.call(p.connectNumOfNetworks, {})),
  'c.numOfStoragePools()': (c) => only('num', c.call(p.connectNumOfStoragePools, {})),
  'c.numOfDevices(None, 0)': (c) => only('num', c.call(p.nodeNumOfDevices, { cap: null, flags: 0 })),
  'sorted(c.listDefinedDomains())': async (c) => {
    return [...(await c.call(p.connectListDefinedDomains, { maxnames: 100 })).names].sort();
  },
  'sorted(c.listDomainsID())': async (c) => [...(await c.call(p.connectListDomains, { maxids: 100 })).ids].sort(),
  [inOrder('c.listAllDomains(0)')]: (c) =>
    named(c.call(p.connectListAllDomains, everything).then(({ domains }) => domains)),
  [inOrder('c.listAllNetworks(0)')]: (c) =>
    named(c.call(p.connectListAllNetworks, everything).then(({ nets }) => nets)),
  [inOrder('c.listAllStoragePools(0)')]: (c) => {
    return named(c.call(p.connectListAllStoragePools, everything).then(({ pools }) => pools));
  },
  [inOrder('c.listAllDevices(0)')]: (c) => {
    return named(c.call(p.connectListAllNodeDevices, everything).then(({ devices }) => devices));
  },
  [inOrder('c.listAllInterfaces(0)')]: (c) => {
    return named(c.call(p.connectListAllInterfaces, everything).then(({ ifaces }) => ifaces));
  },
  [inOrder('c.listAllNWFilters(0)')]: (c) =>
    named(c.call(p.connectListAllNWFilters, everything).then(({ filters }) => filters)),
  'c.listAllSecrets(0)': (c) => only('secrets', c.call(p.connectListAllSecrets, everything)),
  'c.getCPUMap(0)[0]': (c) => only('ret', c.call(p.nodeGetCPUMap, { need_map: 0, need_online: 0, flags: 0 })),
  'c.getCPUModelNames("x86_64", 0)': (c) => {
    return only('models', c.call(p.connectGetCPUModelNames, { arch: 'x86_64', ...everything }));
  },
  'c.getDomainCapabilities(None, "x86_64", None, "qemu", 0)': (c) => {
    return c.getDomainCapabilities({ arch: 'x86_64', virttype: 'qemu' });
  },
  'c.getStoragePoolCapabilities(0)': (c) =>
    only('capabilities', c.call(p.connectGetStoragePoolCapabilities, { flags: 0 })),
  'c.lookupByName("nobody")': (c) => c.lookupByName('nobody'),
  'c.lookupByID(4711)': (c) => c.lookupByID(4711),
  [`c.lookupByUUIDString("${nowhere}")`]: (c) => c.lookupByUUID(nowhere),
  'c.networkLookupByName("nobody")': (c) => c.call(p.networkLookupByName, { name: 'nobody' }),
  [`c.networkLookupByUUIDString("${nowhere}")`]: (c) => c.call(p.networkLookupByUUID, { uuid: nowhere }),
  'c.storagePoolLookupByName("nobody")': (c) => c.call(p.storagePoolLookupByName, { name: 'nobody' }),
  'c.storageVolLookupByPath("/nobody")': (c) => c.call(p.storageVolLookupByPath, { path: '/nobody' }),
  'c.storageVolLookupByKey("nobody")': (c) => c.call(p.storageVolLookupByKey, { key: 'nobody' }),
  'c.interfaceLookupByName("nobody")': (c) => c.call(p.interfaceLookupByName, { name: 'nobody' }),
  'c.nodeDeviceLookupByName("nobody")': (c) => c.call(p.nodeDeviceLookupByName, { name: 'nobody' }),
  'c.nwfilterLookupByName("nobody")': (c) => c.call(p.nwFilterLookupByName, { name: 'nobody' }),
  [`c.secretLookupByUUIDString("${nowhere}")`]: (c) => c.call(p.secretLookupByUUID, { uuid: nowhere }),
  'c.defineXML("<domain")': (c) => c.call(p.domainDefineXML, { xml: '<domain' }),
  'c.defineXMLFlags("<network/>", 0)': (c) => c.defineXMLFlags('<network/>'),
  'c.createXML("<domain type=\'nothing\'/>", 0)': (c) => c.createXML("<domain type='nothing'/>"),
  'c.networkDefineXML("<network/>")': (c) => c.call(p.networkDefineXML, { xml: '<network/>' }),
  'c.storagePoolDefineXML("<pool type=\'x\'/>", 0)': (c) => {
    return c.call(p.storagePoolDefineXML, { xml: "<pool type='x'/>", flags: 0 });
  },
  'c.nwfilterDefineXML("<filter/>")': (c) => c.call(p.nwFilterDefineXML, { xml: '<filter/>' }),
  'c.secretDefineXML("<nothing/>", 0)': (c) => c.call(p.secretDefineXML, { xml: '<nothing/>', flags: 0 }),
  'c.nodeDeviceCreateXML("<device/>", 0)': (c) => c.call(p.nodeDeviceCreateXML, { xml_desc: '<device/>', flags: 0 }),
  'c.restore("/nowhere/at/all")': (c) => c.call(p.domainRestore, { from: '/nowhere/at/all' }),
  'c.domainXMLFromNative("qemu-argv", "qemu", 0)': (c) => {
    return c.call(p.connectDomainXMLFromNative, { nativeFormat: 'qemu-argv', nativeConfig: 'qemu', flags: 0 });
  },
  'c.compareCPU("<cpu", 0)': (c) => c.call(p.connectCompareCPU, { xml: '<cpu', flags: 0 }),
};

/** Questions that are about no domain in particular, half of them mistakes. */
export const connectionQuestions: readonly Question[] = Object.entries(asks).map(([theirs, ours]) => ({
  theirs,
  ours,
}));
