import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { wrapException } from '@virtkit/decorators';
import { ComputeError, isComputeError, type CallOptions, type ConsoleEndpoint } from '../driver/index.js';
import {
  consoleTokenHash,
  type ConsoleAccess,
  type ConsoleGrant,
  type ConsoleToken,
  type ConsoleType,
} from '../model/console-token.js';
import { askedOfGuest } from '../guard/guest-lost.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import { OperationFamily } from './operation-family.js';

/** 256 bits: not to be guessed. */
const TOKEN_BYTES = 32;

/** Rights to the consoles of running guests. Nothing of the guest changes. */
export class ConsoleOperations extends OperationFamily {
  /**
   * Makes a token for a console of the guest, good until it expires or the console is somewhere else.
   * @throws ComputeError `NOT_SUPPORTED`, `CONSOLE_UNAVAILABLE`, `GUEST_LOST`
   */
  @wrapException
  async create(
    _context: RequestContext,
    instance: Instance,
    consoleType: ConsoleType,
    { tokenMs, ...options }: CallOptions & { readonly tokenMs: number },
  ): Promise<ConsoleAccess> {
    const { host, clock, records } = this.parts;
    const endpoint = await askedOfGuest(this.#endpointOf(instance, consoleType, options));
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAtMs = clock.now() + tokenMs;
    const kept = {
      tokenHash: consoleTokenHash(token),
      instanceUuid: instance.uuid,
      consoleType,
      host,
      endpoint,
      expiresAtMs,
    };
    await records.commit([{ write: 'put-console-token', token: kept }], options);
    return { token, consoleType, expiresAtMs };
  }

  /**
   * Tells where the console of a token is, having asked the driver anew: the port of a guest that is gone may be another guest's by now.
   * @throws ComputeError `CONSOLE_TOKEN_INVALID`
   */
  async validate(kept: ConsoleToken, options: CallOptions = {}): Promise<ConsoleGrant> {
    const { host } = this.parts;
    const isValid = kept.host === host && (await this.#isStillThere(kept, options));
    if (!isValid) throw new ComputeError('CONSOLE_TOKEN_INVALID', {});
    const { instanceUuid, consoleType, endpoint, expiresAtMs } = kept;
    return { instanceUuid, consoleType, host, endpoint, expiresAtMs };
  }

  async #isStillThere({ instanceUuid, consoleType, endpoint }: ConsoleToken, options: CallOptions): Promise<boolean> {
    try {
      const instance = await this.parts.records.store.getInstance(instanceUuid, options);
      if (instance.vmState === 'deleted' || instance.host !== this.parts.host) return false;
      return isDeepStrictEqual(await this.#endpointOf(instance, consoleType, options), endpoint);
    } catch (failure) {
      if (isComputeError(failure, 'INSTANCE_NOT_FOUND') || isComputeError(failure, 'CONSOLE_UNAVAILABLE')) return false;
      throw failure;
    }
  }

  async #endpointOf(guest: GuestRef, consoleType: ConsoleType, options: CallOptions): Promise<ConsoleEndpoint> {
    const { driver } = this.parts;
    switch (consoleType) {
      case 'vnc':
        return await driver.with('vncConsole').getVncConsole({ instance: guest }, options);
      case 'spice':
        return await driver.with('spiceConsole').getSpiceConsole({ instance: guest }, options);
      case 'serial':
        return await driver.with('serialConsole').getSerialConsole({ instance: guest }, options);
      case 'mks':
        return await driver.with('mksConsole').getMksConsole({ instance: guest }, options);
    }
  }
}
