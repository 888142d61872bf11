import { beforeEach, describe, expect, it } from 'vitest';
import { procedures } from '../../src/index.js';
import type { AnyProcedure } from '../../src/procedures/procedure.js';
import { CallLanes } from '../../src/rpc/call-lanes.js';
import { PendingCall } from '../../src/rpc/pending-call.js';

const { domainCreate, domainDestroy, domainGetInfo, domainGetState, domainGetXMLDesc } = procedures;

const limits = { window: 4, priorityWindow: 4, quickWindow: 64, queueMax: 100 };
let nowMs: number;
/** With the daemon, in the order in which they were sent. */
let sent: PendingCall[];
let lanes: CallLanes;

beforeEach(() => {
  nowMs = 0;
  sent = [];
  lanes = new CallLanes(limits, { send: (call) => void sent.push(call), now: () => nowMs });
});

function make(procedure: AnyProcedure, count = 1): void {
  for (let nth = 0; nth < count; nth++) {
    const lane = lanes.laneOf(procedure);
    lane.add(new PendingCall({ procedure, args: {}, lane }, {}, { resolve: () => undefined, reject: () => undefined }));
  }
}

/** The daemon answers the oldest call of the procedure. */
function answer(procedure: AnyProcedure): void {
  const call = sent.find((one) => one.procedure === procedure);
  if (call === undefined) throw new Error(`${procedure.name} is not with the daemon`);
  sent.splice(sent.indexOf(call), 1);
  call.lane.done(call);
}

function inFlight(...those: readonly AnyProcedure[]): number {
  return sent.filter(({ procedure }) => those.includes(procedure)).length;
}

describe('quick reads', () => {
  it.each([domainGetInfo, domainGetXMLDesc, domainGetState])('alone go side by side up to their own window', (read) => {
    make(read, 70);
    expect(sent.length).toBe(64);
    answer(read);
    expect(sent.length).toBe(64);
  });

  it('are no more than the window has places while a slow call is with the daemon', () => {
    make(domainCreate);
    make(domainGetInfo, 10);
    expect(inFlight(domainGetInfo)).toBe(3);
    answer(domainCreate);
    expect(inFlight(domainGetInfo)).toBe(10);
  });

  it('of which none is answered for a second are no more than the window has places until one is', () => {
    make(domainGetInfo, 4);
    nowMs += 1_000;
    make(domainGetInfo, 6);
    expect(inFlight(domainGetInfo)).toBe(4);
    answer(domainGetInfo);
    expect(inFlight(domainGetInfo)).toBe(9);
  });

  it('of low priority do not hold up those of high priority, nor the reverse', () => {
    make(domainGetInfo, 100);
    make(domainGetState, 100);
    expect([inFlight(domainGetInfo), inFlight(domainGetState)]).toEqual([64, 64]);
  });
});

describe('slow calls and quick reads together', () => {
  it('are never more than the window lets be with the daemon, which goes on reading then', () => {
    make(domainGetInfo, 20);
    make(domainCreate, 20);
    let most = 0;
    while (inFlight(domainCreate) < 3) answer(domainGetInfo);
    for (let turn = 0; turn < 30; turn++) {
      most = Math.max(most, sent.length);
      answer(turn % 3 === 0 && inFlight(domainGetInfo) > 0 ? domainGetInfo : domainCreate);
      if (inFlight(domainCreate) === 0) break;
    }
    expect(most).toBe(limits.window);
  });

  it('a slow call gets its turn although quick reads never end', () => {
    make(domainGetInfo, 64);
    make(domainCreate);
    let answers = 0;
    for (; inFlight(domainCreate) === 0 && answers < 100; answers++) {
      answer(domainGetInfo);
      make(domainGetInfo);
    }
    expect(answers).toBe(61);
  });

  it('a quick read gets its turn with the first slow call that is over, although slow calls never end', () => {
    make(domainCreate, 20);
    make(domainGetInfo, 2);
    expect(inFlight(domainGetInfo)).toBe(0);
    answer(domainCreate);
    expect([inFlight(domainCreate), inFlight(domainGetInfo)]).toEqual([3, 1]);
    answer(domainGetInfo);
    expect([inFlight(domainCreate), inFlight(domainGetInfo)]).toEqual([3, 1]);
    answer(domainGetInfo);
    expect([inFlight(domainCreate), inFlight(domainGetInfo)]).toEqual([4, 0]);
  });

  it('a slow call that is given up while it waits gives its claim back', () => {
    make(domainGetInfo, 64);
    make(domainGetInfo);
    const lane = lanes.laneOf(domainCreate);
    const settlement = { resolve: () => undefined, reject: () => undefined };
    const controller = new AbortController();
    const options = { signal: controller.signal };
    lane.add(new PendingCall({ procedure: domainCreate, args: {}, lane }, options, settlement));
    answer(domainGetInfo);
    expect(sent.length).toBe(63);
    controller.abort();
    expect(sent.length).toBe(64);
    expect(inFlight(domainCreate)).toBe(0);
  });

  it('a change of high priority waits for quick reads only, not for slow calls of low priority', () => {
    make(domainCreate, 10);
    make(domainDestroy, 10);
    expect([inFlight(domainCreate), inFlight(domainDestroy)]).toEqual([4, 4]);
  });
});

describe('a window of one', () => {
  it('is shared in the order in which the calls came', () => {
    lanes = new CallLanes({ ...limits, window: 1 }, { send: (call) => void sent.push(call), now: () => nowMs });
    make(domainGetInfo);
    make(domainCreate);
    make(domainGetInfo);
    const order = [domainGetInfo, domainCreate, domainGetInfo];
    for (const procedure of order) {
      expect(sent.map((call) => call.procedure)).toEqual([procedure]);
      answer(procedure);
    }
  });
});
