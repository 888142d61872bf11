import { setTimeout as delay } from 'node:timers/promises';
import type { Compute } from '@virtkit/core';
import { tenant } from './audience.js';

export interface ConsoleWait {
  readonly line: RegExp;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const LOOK_INTERVAL_MS = 200;
const TAIL_LINES_MAX = 6;

/** Waits until the guest's console shows a finished line that matches, and answers the end of what it shows by then. */
export async function consoleTail(
  { api }: Compute,
  instanceUuid: string,
  { line, timeoutMs, signal }: ConsoleWait,
): Promise<readonly string[]> {
  for (const deadlineMs = Date.now() + timeoutMs; ; await delay(LOOK_INTERVAL_MS, undefined, { signal })) {
    const output = await api.getConsoleOutput(tenant(), instanceUuid, { signal });
    const lines = new TextDecoder().decode(output).split(/[\r\n]+/u);
    const found = lines.slice(0, -1).findIndex((each) => line.test(each));
    if (found >= 0) return lines.slice(Math.max(0, found + 1 - TAIL_LINES_MAX), found + 1);
    if (Date.now() > deadlineMs) {
      const last = lines.slice(-TAIL_LINES_MAX).join(' / ');
      throw new Error(`the guest's console did not show ${String(line)} within ${timeoutMs} ms but: ${last}`);
    }
  }
}
