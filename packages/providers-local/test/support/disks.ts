/** The smallest head of a qcow2 disk that makes sense: version 3, clusters of 64 KiB, 1 MiB to its guest. */
export interface Qcow2Fields {
  readonly version?: number;
  readonly backingFile?: string;
  readonly clusterBits?: number;
  readonly virtualSizeBytes?: bigint;
  readonly encryption?: number;
  readonly l1Entries?: number;
  readonly l1Offset?: bigint;
  readonly incompatibleFeatures?: bigint;
  readonly headerBytes?: number;
  readonly extensions?: readonly (readonly [type: number, data: string])[];
}

const CLUSTER_BYTES = 64 * 1024;

export function qcow2Disk(fields: Qcow2Fields = {}): Buffer {
  const disk = Buffer.alloc(4 * CLUSTER_BYTES);
  disk.write('QFI\xfb', 'latin1');
  disk.writeUInt32BE(fields.version ?? 3, 4);
  disk.writeUInt32BE(fields.clusterBits ?? 16, 20);
  disk.writeBigUInt64BE(fields.virtualSizeBytes ?? 1024n ** 2n, 24);
  disk.writeUInt32BE(fields.encryption ?? 0, 32);
  disk.writeUInt32BE(fields.l1Entries ?? 1, 36);
  disk.writeBigUInt64BE(fields.l1Offset ?? 3n * BigInt(CLUSTER_BYTES), 40);
  disk.writeBigUInt64BE(BigInt(CLUSTER_BYTES), 48);
  disk.writeUInt32BE(1, 56);
  if ((fields.version ?? 3) >= 3) {
    disk.writeBigUInt64BE(fields.incompatibleFeatures ?? 0n, 72);
    disk.writeUInt32BE(4, 96);
    disk.writeUInt32BE(fields.headerBytes ?? 104, 100);
  }
  let at = (fields.version ?? 3) >= 3 ? 104 : 72;
  for (const [type, data] of fields.extensions ?? []) {
    disk.writeUInt32BE(type, at);
    disk.writeUInt32BE(data.length, at + 4);
    disk.write(data, at + 8, 'latin1');
    at += 8 + Math.ceil(data.length / 8) * 8;
  }
  if (fields.backingFile !== undefined) {
    disk.writeBigUInt64BE(BigInt(at + 8), 8);
    disk.writeUInt32BE(fields.backingFile.length, 16);
    disk.write(fields.backingFile, at + 8, 'latin1');
  }
  return disk;
}

/** A raw disk of so many bytes: a boot sector, something in the middle, and holes. */
export function rawDisk(sizeBytes = 1024 ** 2): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  disk.write('boot', 0);
  disk.writeUInt16BE(0x55aa, 510);
  disk.write('in the middle', Math.floor(sizeBytes / 2));
  return disk;
}
