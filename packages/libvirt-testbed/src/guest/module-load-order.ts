import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface KernelModule {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * The named modules and all they need, in an order in which each can be inserted. A name the kernel has built in, and
 * so has no file, is left out.
 *
 * The dependencies are read from the modules themselves (`depends=` in their .modinfo section), because modules.dep is
 * made when a kernel package is installed, and this one is only unpacked.
 */
export async function moduleLoadOrder(directory: string, names: readonly string[]): Promise<readonly KernelModule[]> {
  const files = await moduleFiles(directory);
  const builtIn = await builtInModules(directory);
  const ordered = new Map<string, KernelModule>();

  async function visit(name: string): Promise<void> {
    if (ordered.has(name) || builtIn.has(name)) return;
    const path = files.get(name);
    if (!path) throw new Error(`the guest kernel has no module ${name} below ${directory}`);
    const content = await readFile(path);
    for (const needed of dependenciesOf(content)) await visit(needed);
    ordered.set(name, { name, content });
  }
  for (const name of names) await visit(name);
  return [...ordered.values()];
}

/** A module's file may be called virtio-rng.ko while everything else calls it virtio_rng. */
function moduleName(path: string): string {
  return basename(path, '.ko').replaceAll('-', '_');
}

async function moduleFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const paths = await readdir(directory, { recursive: true });
  return new Map(paths.filter((path) => path.endsWith('.ko')).map((path) => [moduleName(path), join(directory, path)]));
}

async function builtInModules(directory: string): Promise<ReadonlySet<string>> {
  const lines = await readFile(join(directory, 'modules.builtin'), 'utf8');
  return new Set(lines.split('\n').filter(Boolean).map(moduleName));
}

function dependenciesOf(module: Buffer): readonly string[] {
  const start = module.indexOf('\0depends=');
  if (start < 0) return [];
  const value = start + '\0depends='.length;
  return module.toString('latin1', value, module.indexOf(0, value)).split(',').filter(Boolean);
}
