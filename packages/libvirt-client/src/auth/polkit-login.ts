import { LibvirtError } from '../errors/libvirt-error.js';
import * as remote from '../procedures/remote.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import { authenticationFailure } from './authentication-failure.js';

const ADVICE =
  'Run as root, be a member of the group libvirt where the distribution allows that, or allow the action ' +
  'org.libvirt.unix.manage (org.libvirt.unix.monitor for reading) in a polkit rule. Where polkit would ask a person, ' +
  'pkttyagent has to run for this process';

/**
 * Asks the daemon to ask polkit, which knows this process by its socket. Nothing else goes over the wire.
 * @throws LibvirtConnectionError `authentication` that says what to do
 */
export async function polkitLogin(daemon: ProcedureCaller, options: CallOptions): Promise<void> {
  try {
    const { complete } = await daemon.call(remote.authPolkit, {}, options);
    if (complete === 0) throw authenticationFailure('polkit has not finished', ADVICE);
  } catch (error) {
    if (!LibvirtError.is(error)) throw error;
    throw authenticationFailure(`polkit refused this process (${error.message})`, ADVICE, error);
  }
}
