import type { Net } from './net.js';

const standingDisks = 'packages/driver-libvirt/test/standing-disks.test.ts';

export const nets: readonly Net[] = [
  {
    cases: ['A7'],
    without: 'disks of a definition that are not the own ones are kept',
    test: standingDisks,
    title: 'the disks of a definition are not the own ones with a layer over it',
    edits: [
      {
        file: 'packages/driver-libvirt/src/start/standing-disks.ts',
        from: 'if (disks.length === 0) return true;',
        to: 'if (disks.length < 2) return true;',
      },
    ],
  },
  {
    cases: ['A7'],
    without: 'a hard reboot reads the disks of the definition that is there',
    test: 'packages/driver-libvirt/test/changed-disks.real.test.ts',
    title:
      'the disks that another tool has changed are kept by every start after an external snapshot without metadata',
    edits: [
      {
        file: 'packages/driver-libvirt/src/start/guest-definition.ts',
        from: 'if (areOwnDisks(standing, own)) return own;',
        to: 'if (standing.length >= 0) return own;',
      },
    ],
  },
  {
    cases: ['A7'],
    without: 'a start is refused when the guest runs on another disk than its next start would have',
    test: standingDisks,
    title: 'a running guest and its next start disagree on another file, also when the next one has none',
    edits: [
      {
        file: 'packages/driver-libvirt/src/start/standing-disks.ts',
        from: 'if (later !== undefined && runsOn !== wouldStartFrom)',
        to: 'if (later === undefined && runsOn !== wouldStartFrom)',
      },
    ],
  },
  {
    cases: ['A10'],
    without: 'the reason of the start tells restored from booted',
    test: standingDisks,
    title: 'a guest that was started from saved memory was booted when it is PAUSED with reason 1',
    edits: [
      {
        file: 'packages/driver-libvirt/src/guest/was-booted.ts',
        from: 'reason === DomainPausedReason.VIR_DOMAIN_PAUSED_USER',
        to: 'reason < DomainPausedReason.VIR_DOMAIN_PAUSED_UNKNOWN',
      },
    ],
  },
  {
    cases: ['A10'],
    without: 'saved memory is looked at before a resume',
    test: 'packages/driver-libvirt/test/saved-memory.real.test.ts',
    title: 'saved memory that was removed fails the resume, and the guest is not booted',
    edits: [
      {
        file: 'packages/driver-libvirt/src/start/resume-guest.ts',
        from: 'await guest.requireSavedMemory({ signal });',
        to: '',
      },
      {
        file: 'packages/driver-libvirt/src/guest/was-booted.ts',
        from: 'reason === DomainPausedReason.VIR_DOMAIN_PAUSED_USER',
        to: 'reason < DomainPausedReason.VIR_DOMAIN_PAUSED_UNKNOWN',
      },
    ],
  },
  {
    cases: ['A11'],
    // libvirt 9.0 takes the flag of a TPM's state for that of checkpoints as well, so both are taken out.
    without: 'checkpoints go with the definition',
    test: 'packages/driver-libvirt/test/destroy.real.test.ts',
    title: 'a guest is destroyed with whatever libvirt keeps of it such as a checkpoint',
    edits: [
      {
        file: 'packages/driver-libvirt/src/guest/guest.ts',
        from: 'DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA |',
        to: '',
      },
      {
        file: 'packages/driver-libvirt/src/guest/guest.ts',
        from: 'DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_NVRAM |\n  DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_TPM;',
        to: 'DomainUndefineFlagsValues.VIR_DOMAIN_UNDEFINE_NVRAM;',
      },
    ],
  },
  {
    cases: ['D6'],
    without: 'create asks the driver what it honours',
    test: 'packages/core/test/honoured-properties.test.ts',
    title:
      'what a flavor or an image asks for is refused before anything is written when the driver does not act on it: image hw_firmware_type=uefi',
    edits: [
      {
        file: 'packages/core/src/api/describe-instance.ts',
        from: 'requireHonoured(await target.honoured(options), { flavor, image });',
        to: '',
      },
    ],
  },
  {
    cases: ['D6'],
    without: 'the libvirt driver declares what it honours, and asks at spawn',
    test: 'packages/driver-libvirt/test/honoured-properties.test.ts',
    title: 'the properties that the libvirt driver honours are asked for by spawn too, before it does anything',
    edits: [
      {
        file: 'packages/driver-libvirt/src/libvirt-driver.ts',
        from: 'requireHonoured(this.honoured, instance);',
        to: '',
      },
    ],
  },
  {
    cases: ['B3'],
    without: 'consoles listen on a unix socket unless an address is named',
    test: 'packages/driver-libvirt/test/domain-xml.test.ts',
    title: 'domain XML is as recorded: vnc-on-a-socket',
    edits: [
      {
        file: 'packages/driver-libvirt/src/domain-xml/console-xml.ts',
        from: "{ '@type': 'vnc', listen: { '@type': 'socket' } }",
        to: "{ '@type': 'vnc', '@autoport': 'yes' }",
      },
    ],
  },
  {
    cases: ['B3'],
    without: 'user-mode networks can be closed',
    test: 'packages/driver-libvirt/test/check-instance.test.ts',
    title:
      'an interface on a user-mode network is refused where the operator has closed them, before anything has changed',
    edits: [
      {
        file: 'packages/driver-libvirt/src/check-instance.ts',
        from: "if (userNetworks === 'refused' &&",
        to: "if (userNetworks !== 'refused' &&",
      },
    ],
  },
  {
    cases: ['D11'],
    without: 'the content of an image that is said to be raw is looked at',
    test: 'packages/driver-libvirt/test/root-disk.real.test.ts',
    title: 'a root disk is refused over an image that is said to be raw and is a gzip of whole sectors',
    edits: [
      {
        file: 'packages/driver-libvirt/src/files/root-disk.ts',
        from: "if (base.format === 'raw') await refuseForeign(image, base.path);",
        to: '',
      },
    ],
  },
  {
    cases: ['D11'],
    without: 'a URI must be of this host',
    test: 'packages/driver-libvirt/test/configuration.test.ts',
    title: 'a URI of this host is needed: qemu+tcp://127.0.0.1/system is refused with the reason',
    edits: [
      {
        file: 'packages/driver-libvirt/src/libvirt-configuration.ts',
        from: '.refine(isOfThisHost, acceptedUris)',
        to: '.refine((uri) => uri.length > 0 || isOfThisHost(uri), acceptedUris)',
      },
    ],
  },
  {
    cases: ['D1'],
    without: 'an agent is given a limit of its own, and ACPI comes then',
    test: 'packages/driver-libvirt/test/guest-agent.real.test.ts',
    title: 'a guest whose agent is silent is asked by ACPI then, and stops within its grace',
    edits: [
      {
        file: 'packages/driver-libvirt/src/guest/guest.ts',
        from: 'const { VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN } = DomainShutdownFlagValues;',
        to: 'const VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN = DomainShutdownFlagValues.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT;',
      },
    ],
  },
  {
    cases: ['D4'],
    without: 'what the network driver of libvirt says has a row',
    test: 'packages/driver-libvirt/test/libvirt-error.test.ts',
    title:
      'a start that libvirt refuses is "network" for 55/19 Requested operation is not valid: network \'canary-network\' is not active',
    edits: [
      {
        file: 'packages/driver-libvirt/src/errors/start-problem.ts',
        from: "{ problem: 'network', domain: VIR_FROM_NETWORK },",
        to: '',
      },
    ],
  },
];
