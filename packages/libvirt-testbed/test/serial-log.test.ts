import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSerialLog, waitForLine } from '@virtkit/libvirt-testbed';

describe('a serial log', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'serial-'));
    path = join(directory, 'serial.log');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is empty before the guest has written', async () => {
    expect(await readSerialLog(path)).toBe('');
  });

  it('is read without carriage returns and terminal codes', async () => {
    await writeFile(path, '\x1bc\x1b[?7l\x1b[2Jup\r\n\x1b[6n$ ');
    expect(await readSerialLog(path)).toBe('up\n$ ');
  });

  it('gives its last MiB only', async () => {
    await writeFile(path, `first${'.'.repeat(1024 * 1024)}last`);
    const log = await readSerialLog(path);
    expect(log).toHaveLength(1024 * 1024);
    expect(log.endsWith('.last')).toBe(true);
  });

  it('gives a line that was written before it was asked for', async () => {
    await writeFile(path, 'a\nGUEST-UP 1\nGUEST-UP 2\n');
    expect(await waitForLine(path, /^GUEST-UP/)).toBe('GUEST-UP 1');
  });

  it('gives a line of a file that appears later', async () => {
    const line = waitForLine(path, /^GUEST-UP/);
    await writeFile(path, 'GUEST-UP late\n');
    expect(await line).toBe('GUEST-UP late');
  });

  it('gives no line that is still being written', async () => {
    await writeFile(path, 'GUEST-UP ha');
    await expect(waitForLine(path, /^GUEST-UP/, { timeoutMs: 1 })).rejects.toThrow(/within 1 ms.*GUEST-UP ha/);
    await appendFile(path, 'lf\n');
    expect(await waitForLine(path, /^GUEST-UP/)).toBe('GUEST-UP half');
  });

  it('is no longer waited for after an abort', async () => {
    const abort = new AbortController();
    const line = waitForLine(path, /^never/, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(line).rejects.toThrow('enough');
  });
});
