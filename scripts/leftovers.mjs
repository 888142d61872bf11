import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** What was there before: tests must leave the machine as it was. Only Linux lets us look. */
export function look() {
  return { mounts: mounts(), interfaces: interfaces() };
}

/**
 * Says what was left behind since `before`, a line each. Processes are ours when they were started with `directory` as their
 * TMPDIR or name it in their command line, which also finds daemons that have left our process tree. Those that are just
 * about to end get five seconds; those that still run are killed, so that the next run starts clean.
 *
 * @param {ReturnType<typeof look>} before
 * @param {string} directory where every temporary file of this run was to go
 * @returns {Promise<string[]>}
 */
export async function leftSince(before, directory) {
  const running = await processesThatStay(directory, 5_000);
  for (const { pid } of running) process.kill(pid, 'SIGKILL');
  return [
    ...running.map(({ pid, commandLine }) => `process ${pid}: ${commandLine}`),
    ...[...mounts()].filter((mount) => !before.mounts.has(mount)).map((mount) => `mount ${mount}`),
    ...[...interfaces()].filter((name) => !before.interfaces.has(name)).map((name) => `network interface ${name}`),
    ...readdirSync(directory).map((name) => `temporary file ${name}`),
  ];
}

/** @param {string} directory @param {number} graceMs */
async function processesThatStay(directory, graceMs) {
  const deadline = performance.now() + graceMs;
  let running = processesOf(directory);
  while (running.length > 0 && performance.now() < deadline) {
    await delay(100);
    running = processesOf(directory);
  }
  return running;
}

/** @param {string} directory */
function processesOf(directory) {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .map((pid) => ({ pid, commandLine: read(pid, 'cmdline'), environment: read(pid, 'environ') }))
    .filter(({ commandLine, environment }) => commandLine.includes(directory) || environment.includes(directory));
}

/** @param {number} pid @param {'cmdline' | 'environ'} file */
function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    // It has ended meanwhile, or is not ours to look into.
    return '';
  }
}

function mounts() {
  if (!existsSync('/proc/self/mountinfo')) return new Set();
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return new Set(lines.map((line) => String(line.split(' ')[4])));
}

function interfaces() {
  return new Set(existsSync('/sys/class/net') ? readdirSync('/sys/class/net') : []);
}
