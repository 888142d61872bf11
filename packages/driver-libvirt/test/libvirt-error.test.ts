import type { StartProblem } from '@virtkit/core/driver';
import { ComputeError, operatorFactsOf, suppress, suppressedFailuresOf } from '@virtkit/core/driver';
import {
  ErrorDomain,
  ErrorNumber,
  LibvirtAbortError,
  LibvirtConnectionError,
  LibvirtError,
  LibvirtQueueFullError,
  LibvirtTimeoutError,
} from '@virtkit/libvirt-client';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../src/errors/command-error.js';
import { noteChange } from '../src/errors/has-changed.js';
import { translated, type FailedCall } from '../src/errors/libvirt-error.js';
import { operatorReads, tenantReads } from './support/readers.js';

const instanceUuid = '11111111-2222-4333-8444-555555555555';
const start: FailedCall = { operation: 'reboot', kind: 'start', instanceUuid };
const change: FailedCall = { operation: 'pause', kind: 'change', instanceUuid };
const read: FailedCall = { operation: 'inspect', kind: 'read', instanceUuid };

/** Planted in everything a host says. */
const canaries = [
  '/srv/canary-path',
  'canary-host',
  '198.51.100.7',
  'br-canary',
  'qemu-system-canary',
  'canary-secret',
];

function libvirtError(code: number, domain: number, message: string): LibvirtError {
  const facts = { code, domain, level: 2, message, str1: message, str2: 'canary-host', str3: null, int1: 0, int2: 0 };
  return new LibvirtError(facts, 'domainCreateWithFlags');
}

const { VIR_ERR_INTERNAL_ERROR, VIR_ERR_SYSTEM_ERROR, VIR_ERR_CONFIG_UNSUPPORTED, VIR_ERR_NO_SECRET } = ErrorNumber;
const { VIR_ERR_OPERATION_INVALID, VIR_ERR_OPERATION_UNSUPPORTED, VIR_ERR_NO_DOMAIN, VIR_ERR_AGENT_UNRESPONSIVE } =
  ErrorNumber;
const {
  VIR_FROM_NETWORK,
  VIR_FROM_STORAGE,
  VIR_FROM_SECURITY,
  VIR_FROM_NONE,
  VIR_FROM_QEMU,
  VIR_FROM_SECRET,
  VIR_FROM_CGROUP,
} = ErrorDomain;

const died = 'internal error: qemu unexpectedly closed the monitor: 2026-01-01T00:00:00.0Z qemu-system-canary:';
const exited = 'internal error: process exited while connecting to monitor: 2026-01-01T00:00:00.0Z qemu-system-canary:';

/** Real texts of failed starts on libvirt 9.0 and QEMU 7.2, with canaries in the place of names. */
const startTexts: readonly [problem: StartProblem, code: number, domain: number, message: string][] = [
  [
    'disk',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_STORAGE,
    "Cannot access storage file '/srv/canary-path/disk' (as uid:0, gid:0): No such file or directory",
  ],
  [
    'disk',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_STORAGE,
    "Cannot access backing file '/srv/canary-path/base' of storage file '/srv/canary-path/disk' (as uid:0, gid:0): Permission denied",
  ],
  [
    'disk',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${exited} -blockdev {"node-name":"libvirt-1-format"}: Failed to get "write" lock`,
  ],
  ['disk', VIR_ERR_NO_SECRET, VIR_FROM_SECRET, "Secret not found: no secret with matching uuid 'canary-secret'"],
  [
    'kernel',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_SECURITY,
    'unable to stat: /srv/canary-path/vmlinuz: No such file or directory',
  ],
  [
    'kernel',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${died} qemu: could not open kernel file '/srv/canary-path/vmlinuz': Permission denied`,
  ],
  ['network', VIR_ERR_SYSTEM_ERROR, VIR_FROM_NONE, "Cannot get interface MTU on 'br-canary': No such device"],
  [
    'memory',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${died} cannot set up guest memory 'pc.ram': Cannot allocate memory`,
  ],
  [
    'memory',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    'internal error: hugetlbfs filesystem is not mounted on canary-host or disabled by administrator config',
  ],
  [
    'image',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${exited} -blockdev {"node-name":"libvirt-1-format","driver":"qcow2"}: Image is not in qcow2 format`,
  ],
  [
    'console',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${exited} -vnc 198.51.100.7:0,audiodev=audio1: Failed to bind socket: Cannot assign requested address`,
  ],
  [
    'device',
    VIR_ERR_CONFIG_UNSUPPORTED,
    VIR_FROM_QEMU,
    "unsupported configuration: host doesn't support passthrough of host PCI devices (canary-host)",
  ],
  [
    'firmware',
    VIR_ERR_CONFIG_UNSUPPORTED,
    VIR_FROM_QEMU,
    "operation failed: Unable to find any firmware to satisfy 'efi' on canary-host",
  ],
  [
    'unspecified',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_CGROUP,
    "Unable to write to '/srv/canary-path/cpuset.cpus': Numerical result out of range",
  ],
  [
    'unspecified',
    VIR_ERR_OPERATION_INVALID,
    VIR_FROM_QEMU,
    'Requested operation is not valid: domain is already running on canary-host',
  ],
  [
    'network',
    VIR_ERR_OPERATION_INVALID,
    VIR_FROM_NETWORK,
    "Requested operation is not valid: network 'canary-network' is not active",
  ],
  [
    'network',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_NONE,
    'Unable to open /dev/net/tun, is tun module loaded?: No such file or directory',
  ],
  [
    'disk',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${died} -blockdev {"node-name":"libvirt-1-format"}: Could not open '/srv/canary-path/disk': Read-only file system`,
  ],
  [
    'console',
    VIR_ERR_SYSTEM_ERROR,
    VIR_FROM_QEMU,
    "Failed to create file '/srv/canary-path/console.log': Read-only file system",
  ],
  [
    'device',
    VIR_ERR_OPERATION_UNSUPPORTED,
    VIR_FROM_NONE,
    "Unable to find 'swtpm' binary in $PATH: No such file or directory",
  ],
  ['memory', VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, `${died} mlock: Cannot lock memory of canary-host`],
  [
    'machine',
    VIR_ERR_CONFIG_UNSUPPORTED,
    VIR_FROM_QEMU,
    "unsupported configuration: Emulator '/srv/canary-path/qemu' does not support machine type 'pc-i440fx-99.0'",
  ],
  [
    'virtualization',
    VIR_ERR_INTERNAL_ERROR,
    VIR_FROM_QEMU,
    `${died} -accel kvm: failed to initialize kvm: Inappropriate ioctl for device`,
  ],
  ['saved memory', VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, `${died} error while loading state section id 3(ram)`],
  ['unspecified', VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, 'internal error: a sentence of tomorrow about canary-host'],
];

describe('a start that libvirt refuses', () => {
  it.each(startTexts)('is "%s" for %i/%i %s', (reason, code, domain, message) => {
    const failure = libvirtError(code, domain, message);
    const error = translated(failure, start);
    expect(error).toMatchObject({ code: 'GUEST_START_FAILED', details: { instanceUuid, reason }, effect: 'partial' });
    expect(error.cause).toBe(failure);
    expect(canaries.filter((canary) => tenantReads(error).includes(canary))).toEqual([]);
    expect(operatorFactsOf(error)).toMatchObject({
      message,
      libvirtCode: failure.codeName,
      libvirtDomain: failure.domainName,
    });
  });
});

const lost = (sent: boolean, procedure: string) =>
  new LibvirtConnectionError('/srv/canary-path hung up', { reason: 'lost', sent, procedure });

describe('a connection that is lost', () => {
  it('before the request was sent means that nothing was done', () => {
    expect(translated(lost(false, 'domainSuspend'), change)).toMatchObject({
      code: 'HYPERVISOR_UNAVAILABLE',
      effect: 'none',
    });
  });

  it('after the request was sent leaves its outcome unknown', () => {
    const error = translated(lost(true, 'domainSuspend'), change);
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { operation: 'pause' }, effect: 'unknown' });
    expect(translated(new LibvirtTimeoutError('domainSuspend', 100, true), change).code).toBe('OUTCOME_UNKNOWN');
  });

  it('after a question was sent has changed nothing', () => {
    expect(translated(lost(true, 'domainGetState'), change)).toMatchObject({
      code: 'HYPERVISOR_UNAVAILABLE',
      effect: 'none',
    });
    expect(translated(lost(true, 'domainGetState'), read)).toMatchObject({
      code: 'HYPERVISOR_UNAVAILABLE',
      effect: 'none',
    });
  });

  it('behind a daemon that forwards calls is told apart in the same way', () => {
    const { VIR_FROM_RPC } = ErrorDomain;
    const unreached = libvirtError(
      VIR_ERR_SYSTEM_ERROR,
      VIR_FROM_RPC,
      "Failed to connect socket to '/srv/canary-path'",
    );
    const cutOff = libvirtError(
      VIR_ERR_SYSTEM_ERROR,
      VIR_FROM_RPC,
      'End of file while reading data: Input/output error',
    );
    expect(translated(unreached, start).code).toBe('HYPERVISOR_UNAVAILABLE');
    expect(translated(cutOff, start).code).toBe('OUTCOME_UNKNOWN');
  });

  it('is not harmless any more when something was changed before', () => {
    const failure = lost(false, 'domainUndefineFlags');
    noteChange(failure);
    expect(translated(failure, change)).toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE', effect: 'partial' });
    const unknown = lost(true, 'domainUndefineFlags');
    noteChange(unknown);
    expect(translated(unknown, change).effect).toBe('unknown');
  });
});

describe('other failures', () => {
  const busy = libvirtError(ErrorNumber.VIR_ERR_OPERATION_TIMEOUT, VIR_FROM_QEMU, 'cannot acquire state change lock');
  const noSpace = Object.assign(new Error('ENOSPC: /srv/canary-path'), { code: 'ENOSPC', syscall: 'write' });
  const denied = Object.assign(new Error('EACCES: /srv/canary-path'), { code: 'EACCES', syscall: 'open' });

  it.each([
    [
      'a domain that is gone',
      libvirtError(VIR_ERR_NO_DOMAIN, VIR_FROM_QEMU, 'no domain canary-host'),
      change,
      'INSTANCE_NOT_FOUND',
    ],
    [
      'an agent that does not answer',
      libvirtError(VIR_ERR_AGENT_UNRESPONSIVE, VIR_FROM_QEMU, 'canary-host'),
      change,
      'AGENT_UNAVAILABLE',
    ],
    ['a domain that is busy', busy, change, 'GUEST_OPERATION_FAILED'],
    ['an abort', new LibvirtAbortError('domainSuspend', 'canary-secret', true), change, 'ABORTED'],
    ['a full queue', new LibvirtQueueFullError('domainSuspend', 10), change, 'QUEUE_FULL'],
    ['a full disk', noSpace, start, 'INSUFFICIENT_RESOURCES'],
    ['a file that may not be opened, in a start', denied, start, 'GUEST_START_FAILED'],
    ['a file that may not be opened, otherwise', denied, change, 'GUEST_OPERATION_FAILED'],
    [
      'a command that fails',
      new CommandError('failed', ['qemu-img'], '/srv/canary-path: bad'),
      start,
      'GUEST_START_FAILED',
    ],
    [
      'a command that fills the disk',
      new CommandError('failed', ['qemu-img'], 'No space left on device'),
      start,
      'INSUFFICIENT_RESOURCES',
    ],
    ['a command that was aborted', new CommandError('aborted', ['qemu-img'], ''), start, 'ABORTED'],
    ['a mistake of ours', new TypeError('canary-secret is not a function'), start, 'INTERNAL'],
    ['a thrown string', 'canary-secret', start, 'INTERNAL'],
    ['a thrown nothing', undefined, read, 'INTERNAL'],
  ] as const)('%s', (_what, failure, call, code) => {
    const error = translated(failure, call);
    expect(error.code).toBe(code);
    expect(canaries.filter((canary) => tenantReads(error).includes(canary))).toEqual([]);
  });

  it('the reason of an aborted signal is an abort, whatever it is', () => {
    const reason = new ComputeError('DEADLINE_EXCEEDED', { operation: 'reboot', timeoutMs: 5 });
    const error = translated(reason, { ...start, signal: AbortSignal.abort(reason) });
    expect(error).toMatchObject({ code: 'ABORTED', details: { operation: 'reboot' } });
    expect(error.cause).toBe(reason);
  });

  it('a ComputeError is let through, the same object', () => {
    const error = new ComputeError('VIF_PLUG_FAILED', { instanceUuid });
    expect(translated(error, start)).toBe(error);
  });

  it('what was suppressed goes along, for the operator', () => {
    const failure = libvirtError(VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, 'first');
    suppress(failure, new Error('second at /srv/canary-path'), 'undo: start the guest');
    const error = translated(failure, start);
    expect(suppressedFailuresOf(error)).toHaveLength(1);
    expect(operatorReads(error)).toContain('/srv/canary-path');
  });
});
