/**
 * The head of a qcow2 disk, all fields big-endian. See docs/interop/qcow2.txt of QEMU.
 *
 *     offset  size  field
 *          0     4  magic                  "QFI" 0xfb
 *          4     4  version                2 or 3
 *          8     8  backing file offset    0: none
 *         16     4  backing file size
 *         20     4  cluster bits           9 to 21
 *         24     8  size                   what a guest sees, in bytes
 *         32     4  encryption method      0: none
 *         36     4  L1 size                in entries of 8 bytes
 *         40     8  L1 table offset
 *         48     8  refcount table offset
 *         56     4  refcount table size    in clusters
 *         60     4  number of snapshots
 *         64     8  snapshot table offset
 *         72     8  incompatible features  from here on in version 3 only
 *        100     4  header length
 *        104     1  compression type
 *
 * Extensions follow: type and length of 4 bytes each, data padded to 8. Nothing here touches a file: bytes in, facts out.
 */
export interface Qcow2Header {
  readonly virtualSizeBytes: number;
  /** As it is written in the file; `undefined` for a disk that stands alone. */
  readonly backingFile: string | undefined;
  /** Keeps the guest's data in another file. */
  readonly hasDataFile: boolean;
  readonly isEncrypted: boolean;
  /** Was not closed, or was found to be damaged by QEMU. */
  readonly isDamaged: boolean;
  /** Needs what we have never heard of. */
  readonly hasUnknownFeature: boolean;
}

/** A header in the first cluster, the largest there is. */
export const QCOW2_HEAD_BYTES_MAX = 2 ** 21;

const MAGIC = 0x514649fb;
const VERSION_2_BYTES = 72;
const VERSION_3_BYTES = 104;
/** QEMU's own limits: QCOW_MAX_L1_SIZE, and 1023 letters for a backing file. */
const L1_BYTES_MAX = 32 * 1024 ** 2;
const BACKING_FILE_BYTES_MAX = 1023;

const DATA_FILE_EXTENSION = 0x44415441;
const LUKS_EXTENSION = 0x0537be77;

const dirty = 1n << 0n;
const corrupt = 1n << 1n;
const externalData = 1n << 2n;
const compression = 1n << 3n;
const extendedL2 = 1n << 4n;
const known = dirty | corrupt | externalData | compression | extendedL2;

/** A qcow2 disk whose head makes no sense. The message is for operators. */
export class Qcow2Damage extends Error {
  override readonly name = 'Qcow2Damage';
}

/** The first version has the same magic and nothing else in common. */
export function isQcow2(head: Buffer): boolean {
  return head.length >= 8 && head.readUInt32BE(0) === MAGIC && head.readUInt32BE(4) !== 1;
}

/**
 * Reads the head of a disk of so many bytes; `head` is its start, as much as there is of {@link QCOW2_HEAD_BYTES_MAX}.
 * @throws Qcow2Damage
 */
export function readQcow2Header(head: Buffer, fileSizeBytes: number): Qcow2Header {
  demand(head.length >= VERSION_2_BYTES, 'it is shorter than its header');
  const version = head.readUInt32BE(4);
  demand(version === 2 || version === 3, `its version is ${version}`);
  demand(version === 2 || head.length >= VERSION_3_BYTES, 'it is shorter than its header');
  const clusterBits = head.readUInt32BE(20);
  demand(clusterBits >= 9 && clusterBits <= 21, `its cluster bits are ${clusterBits}`);
  const clusterBytes = 2 ** clusterBits;
  const features = version === 2 ? 0n : head.readBigUInt64BE(72);
  const headerBytes = version === 2 ? VERSION_2_BYTES : head.readUInt32BE(100);
  const isHeaderFit = headerBytes % 8 === 0 && headerBytes >= VERSION_2_BYTES && headerBytes <= clusterBytes;
  demand(isHeaderFit && (version === 2 || headerBytes >= VERSION_3_BYTES), `its header is ${headerBytes} bytes long`);
  const virtualSizeBytes = wholeNumber(head, 24, 'virtual size');
  requireTables(head, { clusterBytes, clusterBits, fileSizeBytes, virtualSizeBytes, features });
  const firstCluster = head.subarray(0, clusterBytes);
  const backingOffset = wholeNumber(head, 8, 'backing file offset');
  const extensions = extensionsIn(firstCluster.subarray(0, backingOffset || clusterBytes), headerBytes);
  return {
    virtualSizeBytes,
    backingFile: backingOffset === 0 ? undefined : backingFileIn(firstCluster, backingOffset),
    hasDataFile: (features & externalData) !== 0n || extensions.has(DATA_FILE_EXTENSION),
    isEncrypted: head.readUInt32BE(32) !== 0 || extensions.has(LUKS_EXTENSION),
    isDamaged: (features & (dirty | corrupt)) !== 0n,
    hasUnknownFeature: (features & ~known) !== 0n,
  };
}

interface Geometry {
  readonly clusterBytes: number;
  readonly clusterBits: number;
  readonly fileSizeBytes: number;
  readonly virtualSizeBytes: number;
  readonly features: bigint;
}

/** A disk that was cut off, and one that would make QEMU reserve gigabytes for its tables. */
function requireTables(head: Buffer, geometry: Geometry): void {
  const { clusterBytes, clusterBits, fileSizeBytes, virtualSizeBytes, features } = geometry;
  const entryBytes = (features & extendedL2) === 0n ? 8 : 16;
  const bytesPerL1Entry = (2 ** clusterBits / entryBytes) * clusterBytes;
  const l1Bytes = head.readUInt32BE(36) * 8;
  const l1Offset = wholeNumber(head, 40, 'L1 table offset');
  demand(l1Bytes <= L1_BYTES_MAX, `its L1 table has ${l1Bytes} bytes`);
  demand(l1Bytes / 8 >= Math.ceil(virtualSizeBytes / bytesPerL1Entry), 'its L1 table is too small for its size');
  demand(l1Offset % clusterBytes === 0 && l1Offset + l1Bytes <= fileSizeBytes, 'its L1 table is not inside the file');
  const refcountOffset = wholeNumber(head, 48, 'refcount table offset');
  const refcountBytes = head.readUInt32BE(56) * clusterBytes;
  const isInside = refcountOffset > 0 && refcountOffset + refcountBytes <= fileSizeBytes;
  demand(refcountOffset % clusterBytes === 0 && isInside, 'its refcount table is not inside the file');
  const snapshotOffset = wholeNumber(head, 64, 'snapshot table offset');
  demand(head.readUInt32BE(60) === 0 || snapshotOffset < fileSizeBytes, 'its snapshot table is not inside the file');
}

function backingFileIn(firstCluster: Buffer, offset: number): string {
  const length = firstCluster.readUInt32BE(16);
  demand(length <= BACKING_FILE_BYTES_MAX && offset + length <= firstCluster.length, 'its backing file has no name');
  return firstCluster.toString('utf8', offset, offset + length);
}

function extensionsIn(area: Buffer, headerBytes: number): ReadonlySet<number> {
  const types = new Set<number>();
  let at = headerBytes;
  while (at + 8 <= area.length) {
    const type = area.readUInt32BE(at);
    if (type === 0) break;
    types.add(type);
    at += 8 + Math.ceil(area.readUInt32BE(at + 4) / 8) * 8;
    demand(at <= area.length, 'an extension of its header has no end');
  }
  return types;
}

function wholeNumber(head: Buffer, offset: number, name: string): number {
  const value = Number(head.readBigUInt64BE(offset));
  demand(Number.isSafeInteger(value), `its ${name} is ${value}`);
  return value;
}

function demand(isFine: boolean, damage: string): asserts isFine {
  if (!isFine) throw new Qcow2Damage(damage);
}
