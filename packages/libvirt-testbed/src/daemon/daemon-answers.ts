import { connect } from 'node:net';

/**
 * The shortest question libvirt's protocol has: which authentication is wanted? Program, version, procedure
 * (AUTH_LIST), type (call), serial and status, after the length of it all. It needs no login and no open connection.
 */
const QUESTION = Buffer.alloc(28);
[28, 0x20008086, 1, 66, 0, 0, 0].forEach((word, index) => QUESTION.writeUInt32BE(word, index * 4));

/**
 * True when a daemon behind the socket answers within the time. A connection alone says little: the daemon listens long
 * before it has probed QEMU, and serves nobody until then.
 */
export function daemonAnswers(socketPath: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('connect', () => socket.write(QUESTION));
    socket.once('data', () => settle(true));
  });
}
