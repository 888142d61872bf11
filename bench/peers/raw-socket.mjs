// Bytes on a socket by Node.js, as raw_socket.c by C: the packets were encoded beforehand, and of an answer only the length
// is looked at. No client in Node.js can be faster.
//
//     raw-socket.mjs SOCKET CALL HANDSHAKE...      packets in hexadecimal
//
// Reads requests from standard input, {"work":"info","calls":N,"inFlight":N} a line, and answers each with one line,
// {"seconds":S,"cpuSeconds":S}.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

const [path = '', call = '', ...handshake] = process.argv.slice(2);
const buffer = Buffer.allocUnsafeSlow(64 * 1024);
let unfinished = Buffer.alloc(0);
/** @type {(count: number) => void} */
let answered = () => undefined;

/** @param {number} byteLength */
function received(byteLength) {
  const bytes = Buffer.concat([unfinished, buffer.subarray(0, byteLength)]);
  let at = 0;
  let count = 0;
  for (; bytes.length - at >= 4 && bytes.length - at >= bytes.readUInt32BE(at); count++) at += bytes.readUInt32BE(at);
  unfinished = bytes.subarray(at);
  if (count > 0) answered(count);
  return true;
}

const socket = createConnection({ path, onread: { buffer, callback: received } });
await once(socket, 'connect');
for (const packet of handshake) {
  const answer = new Promise((resolve) => (answered = resolve));
  socket.write(Buffer.from(packet, 'hex'));
  await answer;
}

/**
 * @param {number} calls
 * @param {number} inFlight
 * @param {Buffer} burst as many calls as may be in flight
 * @returns {Promise<void>}
 */
function run(calls, inFlight, burst) {
  return new Promise((resolve) => {
    let sent = 0;
    let done = 0;
    /** @param {number} count */
    const send = (count) => {
      const now = Math.min(count, calls - sent);
      sent += now;
      if (now > 0) socket.write(burst.subarray(0, (now * call.length) / 2));
    };
    answered = (count) => {
      done += count;
      if (done >= calls) resolve();
      else send(count);
    };
    send(inFlight);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { calls, inFlight } = JSON.parse(line);
  const burst = Buffer.from(call.repeat(inFlight), 'hex');
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await run(calls, inFlight, burst);
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 }));
}
