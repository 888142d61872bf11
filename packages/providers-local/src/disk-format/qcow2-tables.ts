import { Qcow2Damage } from './qcow2-header.js';

/** Reads so many bytes from a position; fewer at the end of the file. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

interface Layout {
  readonly clusterBits: number;
  readonly clusterBytes: number;
  /** With subclusters an entry of an L2 table has 16 bytes, of which the first 8 are like any other's. */
  readonly l2EntryBytes: number;
  readonly virtualSizeBytes: number;
  readonly fileSizeBytes: number;
}

/** Of an entry of an L1 or L2 table, the bits of its offset: 9 to 55. */
const OFFSET_HIGH_BITS = 0x00ffffff;
const OFFSET_LOW_BITS = 0xfffffe00;
const ALL_BITS = 0xffffffff;
const COMPRESSED_BIT = 0x40000000;
const ZERO_BIT = 1;
const SECTOR_BYTES = 512;
/** QEMU's own limits: QCOW_MAX_REFTABLE_SIZE, QCOW_MAX_SNAPSHOTS, QCOW_MAX_L1_SIZE. */
const REFCOUNT_TABLE_BYTES_MAX = 8 * 1024 ** 2;
const SNAPSHOT_COUNT_MAX = 65_536;
const L1_BYTES_MAX = 32 * 1024 ** 2;
const SNAPSHOT_HEAD_BYTES = 40;
const SNAPSHOT_REST_BYTES_MAX = 2 * 65_535 + 1_024;

/**
 * Follows all tables of a qcow2 disk, whose head was read and is sound: whatever they point to must be inside the file. A disk that was cut
 * off has an intact head, boots, and reads zeros where its end is missing. Each table is read once, however many point to it, so that
 * no more is read than the file has.
 * @throws Qcow2Damage
 */
export async function requireQcow2Tables(head: Buffer, fileSizeBytes: number, readAt: ReadAt): Promise<void> {
  const clusterBits = head.readUInt32BE(20);
  const hasSubclusters = head.readUInt32BE(4) === 3 && (head.readBigUInt64BE(72) & 16n) !== 0n;
  const layout: Layout = {
    clusterBits,
    clusterBytes: 2 ** clusterBits,
    l2EntryBytes: hasSubclusters ? 16 : 8,
    virtualSizeBytes: Number(head.readBigUInt64BE(24)),
    fileSizeBytes,
  };
  const seen = new Set<number>();
  await requireRefcounts(Number(head.readBigUInt64BE(48)), head.readUInt32BE(56), layout, readAt);
  await requireL1(Number(head.readBigUInt64BE(40)), head.readUInt32BE(36), { layout, readAt, seen });
  await requireSnapshots(Number(head.readBigUInt64BE(64)), head.readUInt32BE(60), { layout, readAt, seen });
}

interface Walk {
  readonly layout: Layout;
  readonly readAt: ReadAt;
  /** The L2 tables that were read. */
  readonly seen: Set<number>;
}

async function requireRefcounts(offset: number, clusterCount: number, layout: Layout, readAt: ReadAt): Promise<void> {
  const { clusterBytes } = layout;
  const length = clusterCount * clusterBytes;
  demand(length <= REFCOUNT_TABLE_BYTES_MAX, `its refcount table has ${length} bytes`);
  const table = await all(readAt, offset, length, 'refcount table');
  for (let at = 0; at < length; at += 8) {
    const block = unsigned(table, at, ALL_BITS);
    if (block !== 0) requireInside(block, clusterBytes, layout, 'a refcount block');
  }
}

async function requireL1(offset: number, entryCount: number, { layout, readAt, seen }: Walk): Promise<void> {
  const length = entryCount * 8;
  demand(length <= L1_BYTES_MAX, `an L1 table has ${length} bytes`);
  demand(offset % layout.clusterBytes === 0, 'an L1 table begins within a cluster');
  const table = await all(readAt, offset, length, 'L1 table');
  const guestBytesPerTable = (layout.clusterBytes / layout.l2EntryBytes) * layout.clusterBytes;
  for (let at = 0; at < length; at += 8) {
    const l2Offset = unsigned(table, at, OFFSET_HIGH_BITS);
    if (l2Offset === 0 || seen.has(l2Offset)) continue;
    seen.add(l2Offset);
    requireInside(l2Offset, layout.clusterBytes, layout, 'an L2 table');
    const l2 = await all(readAt, l2Offset, layout.clusterBytes, 'L2 table');
    requireL2(l2, (at / 8) * guestBytesPerTable, layout);
  }
}

function requireL2(table: Buffer, guestOffset: number, layout: Layout): void {
  const { clusterBytes, l2EntryBytes, virtualSizeBytes } = layout;
  for (let at = 0; at < table.length; at += l2EntryBytes) {
    const high = table.readUInt32BE(at);
    const low = table.readUInt32BE(at + 4);
    if (high === 0 && low <= ZERO_BIT) continue;
    if ((high & COMPRESSED_BIT) !== 0) {
      requireCompressed(high, low, layout);
    } else if ((low & ZERO_BIT) === 0 || l2EntryBytes === 16) {
      const offset = unsigned(table, at, OFFSET_HIGH_BITS);
      if (offset === 0) continue;
      // Of the guest's last cluster only what the guest sees need be there.
      const visibleBytes = virtualSizeBytes - (guestOffset + (at / l2EntryBytes) * clusterBytes);
      const length = visibleBytes > 0 ? Math.min(clusterBytes, visibleBytes) : clusterBytes;
      requireInside(offset, length, layout, 'a cluster');
    }
  }
}

/** Its length is told in sectors, the last of which need not be full. */
function requireCompressed(high: number, low: number, { clusterBits, fileSizeBytes }: Layout): void {
  const entry = (BigInt(high & 0x3fffffff) << 32n) | BigInt(low);
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const offset = Number(entry & ((1n << offsetBits) - 1n));
  const furtherSectors = Number(entry >> offsetBits);
  const lastSector = Math.floor(offset / SECTOR_BYTES) + furtherSectors;
  demand(lastSector * SECTOR_BYTES < fileSizeBytes, 'a compressed cluster is not inside the file');
}

async function requireSnapshots(offset: number, count: number, walk: Walk): Promise<void> {
  demand(count <= SNAPSHOT_COUNT_MAX, `it has ${count} snapshots`);
  let at = offset;
  for (let nth = 0; nth < count; nth += 1) {
    const head = await all(walk.readAt, at, SNAPSHOT_HEAD_BYTES, 'snapshot table');
    const [idBytes, nameBytes] = [head.readUInt16BE(12), head.readUInt16BE(14)];
    const restBytes = head.readUInt32BE(36) + idBytes + nameBytes;
    demand(restBytes <= SNAPSHOT_REST_BYTES_MAX, 'an entry of its snapshot table has no end');
    await all(walk.readAt, at + SNAPSHOT_HEAD_BYTES, restBytes, 'snapshot table');
    await requireL1(Number(head.readBigUInt64BE(0)), head.readUInt32BE(8), walk);
    at += Math.ceil((SNAPSHOT_HEAD_BYTES + restBytes) / 8) * 8;
  }
}

async function all(readAt: ReadAt, position: number, length: number, what: string): Promise<Buffer> {
  demand(Number.isSafeInteger(position + length), `its ${what} is not inside the file`);
  const bytes = await readAt(position, length);
  demand(bytes.length === length, `its ${what} is not inside the file`);
  return bytes;
}

function requireInside(offset: number, length: number, { clusterBytes, fileSizeBytes }: Layout, what: string): void {
  demand(offset % clusterBytes === 0, `${what} begins within another`);
  demand(offset + length <= fileSizeBytes, `${what} is not inside the file`);
}

function unsigned(table: Buffer, at: number, highBits: number): number {
  return ((table.readUInt32BE(at) & highBits) >>> 0) * 2 ** 32 + ((table.readUInt32BE(at + 4) & OFFSET_LOW_BITS) >>> 0);
}

function demand(isFine: boolean, damage: string): asserts isFine {
  if (!isFine) throw new Qcow2Damage(damage);
}
