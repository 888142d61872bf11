import { writeFile } from 'node:fs/promises';

/** SeaBIOS boots from no disk that is smaller than a cylinder. */
const IMAGE_BYTES = 1024 * 1024;

/** Where the guest notes its life, for `xp` of QEMU's monitor. */
export const LIFE_ADDRESS = 0x7000;
/** Stands behind the life once it is noted. */
export const LIFE_NOTED = 0x4546494c;

/**
 * The smallest guest that has a life of its own: a boot sector that notes the time stamp counter at its reset, waits for
 * a key, which costs no CPU, and then turns the machine off. It does not listen to the power button.
 */
const program = Uint8Array.of(
  ...[0x31, 0xc0], // xor ax, ax
  ...[0x8e, 0xd8], // mov ds, ax
  ...[0x0f, 0x31], // rdtsc
  ...[0x66, 0xa3, 0x00, 0x70], // mov [0x7000], eax
  ...[0x66, 0x89, 0x16, 0x04, 0x70], // mov [0x7004], edx
  ...[0x66, 0xc7, 0x06, 0x08, 0x70, 0x4c, 0x49, 0x46, 0x45], // mov dword [0x7008], 'LIFE'
  ...[0xb4, 0x00, 0xcd, 0x16], // mov ah, 0; int 0x16: waits for a key
  ...[0xba, 0x04, 0x06], // mov dx, 0x604: the power management port of QEMU's pc
  ...[0xb8, 0x00, 0x20], // mov ax, 0x2000: off
  ...[0xef], // out dx, ax
  ...[0xf4, 0xeb, 0xfd], // hlt, for ever
);

/** Writes a raw disk image with this guest. */
export async function writeBootSector(path: string): Promise<void> {
  const image = Buffer.alloc(IMAGE_BYTES);
  image.set(program);
  image.set([0x55, 0xaa], 510);
  await writeFile(path, image);
}
