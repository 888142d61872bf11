import { join, relative } from 'node:path';

/**
 * Where a directory stands from the root of its file system, which is how the kernel tells of what is bound from it: further down than its own
 * path in a container whose root is a directory, and on a subvolume.
 *
 * @param mountinfo what /proc/self/mountinfo says
 */
export function pathInFileSystem(mountinfo: string, directory: string): string {
  let nearest = { root: '/', point: '/' };
  for (const line of mountinfo.split('\n')) {
    const [, , , root = '', point = ''] = line.split(' ').map(unescaped);
    // Of two mounts on one point the later one is seen.
    if (isWithin(directory, point) && point.length >= nearest.point.length) nearest = { root, point };
  }
  return join(nearest.root, relative(nearest.point, directory));
}

function isWithin(directory: string, point: string): boolean {
  return point === '/' || directory === point || (point !== '' && directory.startsWith(`${point}/`));
}

/** The kernel writes spaces and the like as three octal digits. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
