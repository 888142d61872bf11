/**
 * The levels of the packages: which doors of ours the sources of each may enter (`core/driver` is `@virtkit/core/driver`).
 * Arrows point down only. dependency-cruiser and test/tidy.test.ts hold everybody to it.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const mayImport = {
  decorators: [],
  'libvirt-client': [],
  'libvirt-testbed': [],
  core: ['decorators'],
  'driver-testkit': ['core/driver', 'core/store'],
  'driver-fake': ['core/driver'],
  'driver-libvirt': ['core/driver', 'libvirt-client'],
  'store-sql': ['core/store'],
  'providers-local': ['core/driver', 'core/providers'],
  cli: ['core', 'core/driver', 'core/store', 'driver-fake', 'driver-libvirt', 'libvirt-client', 'libvirt-testbed'],
};

/**
 * The folders of each package that has more than six, from the bottom up: each imports those before it. ARCHITECTURE.md says what those of
 * core hold.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const foldersOf = {
  core: [
    'driver',
    'providers',
    'model',
    'store',
    'memory-store',
    'guard',
    'records',
    'claims',
    'recorders',
    'runner',
    'peers',
    'moves',
    'manager',
    'dispatch',
    'recovery',
    'requests',
    'host-life',
    'external-events',
    'api',
    'composition',
  ],
  'libvirt-client': [
    'wire',
    'constants',
    'errors',
    'procedures',
    'transport',
    'auth',
    'events',
    'rpc',
    'objects',
    'connection',
    'client',
    'migration',
    'testing',
  ],
};
