// `node scripts/driver-table.mjs [--check]`: writes into README.md which operation works on which driver, from the table of
// operations and from what the drivers declare; with --check it only compares. Loads what was built.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './run.mjs';

const FIRST_LINE = '<!-- What works on which driver: made by scripts/driver-table.mjs. -->';
const LAST_LINE = '<!-- End of what works on which driver. -->';

const readme = join(root, 'README.md');
const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(FIRST_LINE);
const after = rest?.split(LAST_LINE)[1];
if (before === undefined || after === undefined)
  throw new Error(`README.md lacks the lines ${FIRST_LINE} ${LAST_LINE}`);
const made = `${before}${FIRST_LINE}\n\n${await table()}\n\n${LAST_LINE}${after}`;
if (!process.argv.includes('--check')) writeFileSync(readme, made);
else if (made !== text) {
  console.error('README.md is not what the code says: run node scripts/driver-table.mjs');
  process.exitCode = 1;
}

async function table() {
  const families = await operationFamilies();
  const drivers = await driverCapabilities();
  const working = drivers.map(({ capabilities }) => workingOperations(families, capabilities));
  const rows = Object.entries(families).map(([family, operations]) => {
    const names = Object.keys(operations);
    const cells = working.map((all) => cell(names, (name) => all.has(name)));
    return [`${family}: ${names.join(', ')}`, ...cells];
  });
  const inOperations = new Set(
    Object.values(families).flatMap((all) => Object.values(all).map((each) => each.capability)),
  );
  const others = Object.keys(drivers[0]?.capabilities ?? {}).filter((name) => !inOperations.has(name));
  const abilities = drivers.map(({ capabilities }) => cell(others, (name) => can(capabilities, name)));
  const lines = [...rows, [`abilities beside these: ${others.join(', ')}`, ...abilities]];
  return [['', ...drivers.map(({ title }) => title)], ['---', '---', '---'], ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/**
 * @typedef {object} Operation what we read of a row of the table of operations
 * @property {string | null} capability
 * @property {readonly string[]} vmStates
 * @property {{ readonly vmState: string }} goal
 */

/**
 * Those that the driver can do, from a vm state that others of them lead to: where nothing can be shelved, nothing can be unshelved.
 *
 * @param {Readonly<Record<string, Readonly<Record<string, Operation>>>>} families
 * @param {Readonly<Record<string, unknown>>} capabilities
 */
function workingOperations(families, capabilities) {
  const possible = Object.values(families)
    .flatMap((all) => Object.entries(all))
    .filter(([, { capability }]) => can(capabilities, capability));
  const states = new Set(['building', 'error']);
  const working = new Set();
  for (let found = -1; found !== working.size;) {
    found = working.size;
    for (const [name, { vmStates, goal }] of possible) {
      if (!vmStates.some((state) => states.has(state))) continue;
      working.add(name);
      const goals = goal.vmState === 'by-power-state' ? ['active', 'stopped', 'paused', 'suspended'] : [goal.vmState];
      for (const state of goals) states.add(state);
    }
  }
  return working;
}

/** @param {Readonly<Record<string, unknown>>} capabilities @param {string | null} name `null`: every driver can */
function can(capabilities, name) {
  return name === null || capabilities[name] === true;
}

/** @param {readonly string[]} names @param {(name: string) => boolean} works */
function cell(names, works) {
  const working = names.filter(works);
  if (working.length === names.length) return 'all';
  return working.length === 0 ? 'none yet' : `${working.join(', ')}`;
}

/** @returns {Promise<Record<string, Record<string, Operation>>>} */
async function operationFamilies() {
  const built = (/** @type {string} */ file) => import(join(root, 'packages/core/dist/model/operations', file));
  return {
    lifecycle: (await built('lifecycle.js')).lifecycleOperations,
    power: (await built('power.js')).powerOperations,
    repair: (await built('repair.js')).repairOperations,
    images: (await built('images.js')).imageOperations,
    migrations: (await built('moves.js')).moveOperations,
    'volumes and interfaces': (await built('devices.js')).deviceOperations,
    'guest agent': (await built('guest.js')).guestOperations,
  };
}

/** @returns {Promise<{ title: string, capabilities: Readonly<Record<string, unknown>> }[]>} */
async function driverCapabilities() {
  const { fakeDriver, FakeHypervisor } = await import(join(root, 'packages/driver-fake/dist/index.js'));
  const { libvirtDriver, libvirtConfiguration } = await import(join(root, 'packages/driver-libvirt/dist/index.js'));
  const { systemClock } = await import(join(root, 'packages/core/dist/driver/index.js'));
  const environment = { clock: systemClock, log: console };
  const hypervisor = new FakeHypervisor({ clock: systemClock });
  // A host that offers all that a configuration can offer.
  const configuration = libvirtConfiguration.parse({
    stateDirectory: '/var/lib/virtkit',
    imageDirectories: ['/images'],
    vnc: {},
  });
  return [
    { title: 'simulator', capabilities: fakeDriver.create({ hypervisor }, environment).capabilities },
    { title: 'libvirt', capabilities: libvirtDriver.create(configuration, environment).capabilities },
  ];
}
