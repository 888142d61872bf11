import { ComputeError, InProcessPeers, isComputeError, Secret, type HostCalls, type HostMember } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { admin, settledOn } from './support/fake-compute.js';

const unavailable = { code: 'HOST_UNAVAILABLE' };

/** A host that answers some questions. */
function member(calls: Partial<HostCalls>, protocol = { major: 1, minor: 0 }): HostMember {
  return { protocol, calls: calls as HostCalls, half: () => expect.fail('no migration is asked about here') };
}

function joined(calls: Partial<HostCalls>, protocol?: HostMember['protocol']) {
  const clock = new VirtualClock();
  const peers = new InProcessPeers({ clock });
  const leave = peers.join('alpha', member(calls, protocol));
  return { clock, leave, host: peers.host('alpha'), other: peers.host('beta') };
}

describe('a host, as a service asks it', () => {
  it('answers with its own words, and what it is asked arrives whole', async () => {
    const asked: unknown[] = [];
    const { host } = joined({
      uptimeMs: () => Promise.resolve(7),
      runAction: (request) => Promise.resolve(void asked.push(request.secrets?.password?.reveal())),
      getConsoleOutput: () => Promise.resolve(new Uint8Array([1, 2])),
    });
    expect(await host.uptimeMs({ context: admin })).toBe(7);
    await host.runAction({ actionUuid: 'a', secrets: { password: new Secret('hunter2') } });
    expect(asked).toEqual(['hunter2']);
    expect(await host.getConsoleOutput({} as never)).toEqual(new Uint8Array([1, 2]));
  });

  it('rejects with the error of the host, the operator’s words included', async () => {
    const failure = new ComputeError('CONSOLE_UNAVAILABLE', { instanceUuid: 'x', consoleType: 'vnc' } as never);
    const { host } = joined({ createConsole: () => Promise.reject(failure) });
    await expect(host.createConsole({} as never)).rejects.toSatisfy((reason) =>
      isComputeError(reason, 'CONSOLE_UNAVAILABLE'),
    );
  });

  it.each<[string, Partial<HostCalls>, HostMember['protocol'] | undefined]>([
    ['it speaks another version', { uptimeMs: () => Promise.resolve(7) }, { major: 2, minor: 0 }],
  ])('is unavailable when %s', async (_why, calls, protocol) => {
    const { host } = joined(calls, protocol);
    await expect(host.uptimeMs({ context: admin })).rejects.toMatchObject(unavailable);
  });

  it('is unavailable when nobody has joined under its name, or it has left', async () => {
    const { other, host, leave } = joined({ uptimeMs: () => Promise.resolve(7) });
    await expect(other.uptimeMs({ context: admin })).rejects.toMatchObject(unavailable);
    leave();
    await expect(host.uptimeMs({ context: admin })).rejects.toMatchObject(unavailable);
  });

  it('is unavailable for a question that it never answers; a change is of unknown outcome then', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const { clock, host, leave } = joined({ uptimeMs: never, setMode: never, powerAction: never });
    await expect(settledOn(clock, host.uptimeMs({ context: admin }))).rejects.toMatchObject(unavailable);
    await expect(settledOn(clock, host.setMode({ context: admin, mode: 'disabled' }))).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    const underWay = host.powerAction({ context: admin, action: 'reboot' });
    leave();
    await expect(underWay).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  it('is waited for no longer than its caller waits', async () => {
    const abort = new AbortController();
    const heard: unknown[] = [];
    const { clock, host } = joined({
      uptimeMs: (_request, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            heard.push('abort');
            reject(new ComputeError('ABORTED', { operation: 'ask' }));
          });
        }),
    });
    const asked = settledOn(clock, host.uptimeMs({ context: admin }, { signal: abort.signal }));
    abort.abort();
    await expect(asked).rejects.toBeInstanceOf(ComputeError);
    expect(heard).toEqual(['abort']);
  });
});
