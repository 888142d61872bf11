/** Files that the commands of a script are given, and the commands, in order. Some fail on purpose. */
export interface VirshScript {
  readonly files: Readonly<Record<string, string>>;
  readonly commands: readonly string[];
}

const snapshotXml = '<domainsnapshot><name>first</name><description>one</description></domainsnapshot>';

/** For test:///default. `directory` is where the files are. */
export function testDriverScript(directory: string): VirshScript {
  const files = {
    'domain.xml': `<domain type='test'><name>two</name><uuid>b1000000-0000-4000-8000-000000000001</uuid>
      <memory>65536</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>`,
    'net.xml': `<network><name>n1</name><uuid>b1000000-0000-4000-8000-000000000002</uuid><bridge name='vb1'/></network>`,
    'pool.xml': `<pool type='dir'><name>p1</name><target><path>/p1</path></target></pool>`,
    'vol.xml': `<volume><name>v2</name><capacity unit='MiB'>5</capacity></volume>`,
    'iface.xml': `<interface type='ethernet' name='eth9'><start mode='none'/><mac address='aa:bb:cc:dd:ee:01'/></interface>`,
    'snapshot.xml': snapshotXml,
    'cpu.xml': `<cpu><arch>x86_64</arch><model>core2duo</model></cpu>`,
  };
  const commands = [
    ...[
      'version',
      'hostname',
      'uri',
      'sysinfo',
      'nodeinfo',
      'nodecpumap',
      'freecell',
      'freecell --all',
      'freepages --all',
    ],
    ...[
      'capabilities',
      'domcapabilities',
      'maxvcpus',
      'nodecpustats',
      'nodememstats',
      'node-memory-tune',
      'cpu-models x86_64',
    ],
    ...['list --all', 'list --name', 'list --inactive', 'dominfo test', 'domid test', 'domuuid test', 'domname 1'],
    ...[
      'domstate test --reason',
      'domcontrol test',
      'dumpxml test',
      'dumpxml test --inactive',
      'domstats',
      'domstats test --vcpu',
    ],
    ...['vcpuinfo test', 'vcpucount test', 'vcpupin test', 'emulatorpin test', 'iothreadinfo test', 'schedinfo test'],
    ...[
      'dommemstat test',
      'domblklist test',
      'domblkinfo test vda',
      'domblkstat test vda',
      'domblkerror test',
      'domiflist test',
    ],
    ...[
      'domifstat test testnet0',
      'domifaddr test',
      'domif-getlink test testnet0',
      'domtime test',
      'domfsinfo test',
      'domhostname test',
    ],
    ...[
      'domjobinfo test',
      'domdisplay test',
      'guestinfo test',
      'memtune test',
      'blkiotune test',
      'numatune test',
      'perf test',
    ],
    ...[
      'metadata test urn:x',
      'metadata test urn:x --key x --set <a/>',
      'metadata test urn:x',
      'desc test',
      'desc test --title T',
    ],
    ...[
      `define ${directory}/domain.xml`,
      'start two',
      'autostart two',
      'suspend two',
      'resume two',
      'reboot two',
      'setmem two 32768',
    ],
    ...[
      'setmaxmem two 131072 --config',
      'setvcpus two 1',
      'send-key two KEY_A',
      'inject-nmi two',
      'screenshot test --screen 0 /dev/null',
    ],
    ...[
      `snapshot-create two ${directory}/snapshot.xml`,
      'snapshot-list two',
      'snapshot-current two',
      'snapshot-info two first',
    ],
    ...[
      'snapshot-dumpxml two first',
      'snapshot-parent two first',
      'snapshot-revert two first',
      'snapshot-delete two first',
    ],
    ...[
      `save two ${directory}/two.save`,
      `restore ${directory}/two.save`,
      `dump two ${directory}/two.core`,
      'managedsave two',
    ],
    ...[
      'managedsave-remove two',
      'start two',
      'shutdown two',
      'start two',
      'destroy two',
      'domrename two three',
      'undefine three',
    ],
    ...[
      'net-list --all',
      'net-info default',
      'net-dumpxml default',
      'net-uuid default',
      'net-name default',
      'net-dhcp-leases default',
    ],
    ...[
      `net-define ${directory}/net.xml`,
      'net-start n1',
      'net-autostart n1',
      'net-update n1 add ip-dhcp-host <host/>',
    ],
    ...['net-port-list n1', 'net-destroy n1', 'net-undefine n1', `net-create ${directory}/net.xml`, 'net-destroy n1'],
    ...['pool-list --all --details', 'pool-info default-pool', 'pool-dumpxml default-pool', 'pool-uuid default-pool'],
    ...[`pool-define ${directory}/pool.xml`, 'pool-build p1', 'pool-start p1', 'pool-autostart p1', 'pool-refresh p1'],
    ...[
      'vol-create-as p1 v1 1048576',
      `vol-create p1 ${directory}/vol.xml`,
      'vol-list p1 --details',
      'vol-info v1 --pool p1',
    ],
    ...[
      'vol-dumpxml v1 --pool p1',
      'vol-path v1 --pool p1',
      'vol-key v1 --pool p1',
      'vol-name /p1/v1',
      'vol-pool /p1/v1',
    ],
    ...['vol-clone v1 v3 --pool p1', 'vol-resize v1 2M --pool p1', 'vol-wipe v1 --pool p1', 'vol-delete v1 --pool p1'],
    ...['pool-destroy p1', 'pool-delete p1', 'pool-undefine p1', 'pool-capabilities', 'find-storage-pool-sources dir'],
    ...[
      'iface-list --all',
      'iface-dumpxml eth1',
      'iface-mac eth1',
      'iface-name aa:bb:cc:dd:ee:ff',
      'iface-begin',
      'iface-rollback',
    ],
    ...[`iface-define ${directory}/iface.xml`, 'iface-start eth9', 'iface-destroy eth9', 'iface-undefine eth9'],
    ...[
      'nodedev-list',
      'nodedev-info computer',
      'nodedev-dumpxml scsi_host1',
      'secret-list',
      'nwfilter-list',
      'nwfilter-binding-list',
    ],
    ...[
      'domstate nobody',
      'net-info nobody',
      'pool-info nobody',
      'vol-info nobody --pool default-pool',
      'iface-mac nobody',
    ],
    ...[
      `cpu-compare ${directory}/cpu.xml`,
      `cpu-baseline ${directory}/cpu.xml`,
      'domxml-to-native qemu-argv test',
      'allocpages 4 0',
    ],
    ...[
      'domfsfreeze test',
      'domfsthaw test',
      'domfstrim test',
      'domtime test --now',
      'guestvcpus test',
      'get-user-sshkeys test root',
    ],
    ...[
      'checkpoint-list test',
      'blockjob test vda',
      'blockresize test vda 1M',
      'domblkthreshold test vda 4096',
      'domdirtyrate-calc test',
    ],
    ...[
      'qemu-monitor-command test query-status',
      'qemu-agent-command test guest-ping',
      'event test --event reboot --timeout 1',
    ],
  ];
  return { files, commands };
}

/** For qemu:///system of a private daemon. */
export function qemuDriverScript(directory: string): VirshScript {
  const files = {
    'guest.xml': `<domain type='qemu'><name>recorded</name><uuid>b2000000-0000-4000-8000-000000000001</uuid>
      <memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
      <devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='${directory}/pool/v1'/><target dev='vda'/></disk>
      <serial type='pty'/><video><model type='vga'/></video><graphics type='vnc' autoport='yes'/></devices></domain>`,
    'pool.xml': `<pool type='dir'><name>rp</name><target><path>${directory}/pool</path></target></pool>`,
    'secret.xml': `<secret ephemeral='no' private='no'><uuid>b2000000-0000-4000-8000-000000000003</uuid>
      <usage type='volume'><volume>/x</volume></usage></secret>`,
    'filter.xml': `<filter name='recorded-filter'><uuid>b2000000-0000-4000-8000-000000000004</uuid></filter>`,
    'net.xml': `<network><name>rn</name><uuid>b2000000-0000-4000-8000-000000000005</uuid><bridge name='vkrec0'/></network>`,
    'content.bin': 'twelve bytes'.repeat(40_000),
    'snapshot.xml': snapshotXml,
  };
  const secret = 'b2000000-0000-4000-8000-000000000003';
  const commands = [
    ...[
      'version --daemon',
      'capabilities',
      'nodeinfo',
      'nodecpustats',
      'nodememstats',
      'freecell',
      'nodecpumap',
      'cpu-models x86_64',
    ],
    ...[
      'domcapabilities --virttype qemu --arch x86_64',
      'pool-capabilities',
      'node-memory-tune',
      'nodesevinfo',
      'hypervisor-cpu-models',
    ],
    ...[
      `pool-define ${directory}/pool.xml`,
      'pool-build rp',
      'pool-start rp',
      'pool-info rp',
      'pool-dumpxml rp',
      'pool-refresh rp',
    ],
    ...[
      'vol-create-as rp v1 1048576 --format qcow2',
      'vol-create-as rp v2 524288',
      'vol-list rp --details',
      'vol-info v1 --pool rp',
    ],
    ...[`vol-upload v2 ${directory}/content.bin --pool rp`, `vol-download v2 ${directory}/content.out --pool rp`],
    ...[
      `vol-download v2 ${directory}/sparse.out --pool rp --sparse`,
      `vol-upload v2 ${directory}/content.bin --pool rp --sparse`,
    ],
    ...['vol-clone v2 v3 --pool rp', 'vol-resize v3 1M --pool rp', 'vol-wipe v3 --pool rp', 'vol-delete v3 --pool rp'],
    ...[
      `secret-define ${directory}/secret.xml`,
      `secret-set-value ${secret} c2VjcmV0`,
      `secret-get-value ${secret}`,
      'secret-list',
    ],
    ...[
      `secret-dumpxml ${secret}`,
      `secret-undefine ${secret}`,
      `nwfilter-define ${directory}/filter.xml`,
      'nwfilter-list',
    ],
    ...[
      'nwfilter-dumpxml recorded-filter',
      'nwfilter-undefine recorded-filter',
      `net-define ${directory}/net.xml`,
      'net-info rn',
    ],
    ...[
      'net-dumpxml rn',
      'net-autostart rn --disable',
      'net-undefine rn',
      'nodedev-list',
      'nodedev-dumpxml computer',
      'iface-list --all',
    ],
    ...[
      `define ${directory}/guest.xml`,
      'dominfo recorded',
      'start recorded --paused',
      'domstate recorded --reason',
      'resume recorded',
    ],
    ...[
      'domstats recorded',
      'vcpuinfo recorded',
      'vcpucount recorded',
      'vcpupin recorded',
      'emulatorpin recorded',
      'dommemstat recorded',
    ],
    ...[
      'domblklist recorded',
      'domblkinfo recorded vda',
      'domblkstat recorded vda',
      'domblkerror recorded',
      'blkdeviotune recorded vda',
    ],
    ...[
      'blkdeviotune recorded vda --total-bytes-sec 1000000',
      'schedinfo recorded',
      'memtune recorded',
      'blkiotune recorded',
    ],
    ...[
      'numatune recorded',
      'perf recorded',
      'domcontrol recorded',
      'domdisplay recorded --all',
      'vncdisplay recorded',
      'ttyconsole recorded',
    ],
    ...[
      `screenshot recorded ${directory}/screen.ppm`,
      'send-key recorded KEY_A',
      'inject-nmi recorded',
      'dommemstat recorded --period 1',
    ],
    ...['qemu-monitor-command recorded {"execute":"query-status"}', 'qemu-monitor-command recorded --hmp info status'],
    ...[
      'qemu-agent-command recorded {"execute":"guest-ping"}',
      'domfsinfo recorded',
      'domtime recorded',
      'guestinfo recorded',
    ],
    ...[
      'attach-disk recorded /dev/null vdb --sourcetype block',
      'detach-disk recorded vdb',
      'blockjob recorded vda',
      'blockresize recorded vda 2M',
    ],
    ...[
      `snapshot-create recorded ${directory}/snapshot.xml`,
      'snapshot-list recorded --tree',
      'snapshot-dumpxml recorded first',
    ],
    ...[
      'snapshot-delete recorded first',
      'checkpoint-list recorded',
      'domjobinfo recorded',
      'domdirtyrate-calc recorded --seconds 1',
    ],
    ...[
      'metadata recorded urn:x --key x --set <a/>',
      'metadata recorded urn:x',
      'desc recorded text',
      'domlaunchsecinfo recorded',
    ],
    ...[
      'suspend recorded',
      'resume recorded',
      'reset recorded',
      'migrate recorded qemu+unix:///nowhere',
      'domlog recorded',
    ],
    ...[
      'destroy recorded',
      'domstate recorded',
      'undefine recorded',
      'undefine recorded',
      'vol-delete v1 --pool rp',
      'vol-delete v2 --pool rp',
    ],
    ...['pool-destroy rp', 'pool-delete rp', 'pool-undefine rp', 'list --all'],
  ];
  return { files, commands };
}
