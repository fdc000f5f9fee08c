import { describe, expect, test } from "@jest/globals";
import { type LoopTime, Pressure } from "../../src/koa/pressure.ts";

const waitMs = 2_000;

/** An event loop whose time is what a test says. */
class FakeLoop implements LoopTime {
  ms = 0;
  taken = 0;
  #callbacks: (() => void)[] = [];

  now(): number {
    return this.ms;
  }
  connections(): number {
    return this.taken;
  }
  atTurnEnd(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  get isWatched(): boolean {
    return this.#callbacks.length > 0;
  }

  turn(work: () => void = () => {}): void {
    work();
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
  }
}

function start(underWay: () => number = () => 0) {
  const loop = new FakeLoop();
  return { loop, pressure: new Pressure(waitMs, underWay, loop) };
}

describe("nothing is refused", () => {
  test("of a burst of 200 requests on new connections, 5 ms each", () => {
    const { loop, pressure } = start();
    for (let one = 0; one < 200; one++) {
      loop.turn(() => {
        loop.taken++;
        expect(pressure.admits()).toBe(true);
        loop.ms += 5;
      });
    }
  });

  test("of a burst of 200 requests that come in one turn, 5 ms each", () => {
    const { loop, pressure } = start();
    loop.turn(() => {
      for (let one = 0; one < 200; one++) {
        expect(pressure.admits()).toBe(true);
        loop.ms += 5;
      }
    });
  });

  test("for a pause of the whole process", () => {
    const { loop, pressure } = start();
    loop.turn(() => {
      pressure.admits();
      loop.ms += 60_000;
      for (let one = 0; one < 100; one++) expect(pressure.admits()).toBe(true);
    });
    loop.turn(() => expect(pressure.admits()).toBe(true));
  });

  test("for pauses of 100 ms again and again, beside a connection in nine turns of ten", () => {
    const { loop, pressure } = start();
    for (let turn = 0; turn < 1_000; turn++) {
      loop.turn(() => {
        if (turn % 10 !== 0) {
          loop.taken++;
          expect(pressure.admits()).toBe(true);
        }
        loop.ms += turn % 10 === 5 ? 100 : 1;
      });
    }
  });

  test("of requests that keep the loop busy in turns of half the time that they may wait", () => {
    const { loop, pressure } = start(() => 100);
    for (let turn = 0; turn < 100; turn++) {
      loop.turn(() => {
        for (let one = 0; one < 100; one++) {
          expect(pressure.admits()).toBe(true);
          loop.ms += 9.9;
        }
      });
    }
  });
});

test("the loop is watched no longer than a queue stands", () => {
  const { loop, pressure } = start();
  loop.turn(() => {
    loop.taken++;
    pressure.admits();
  });
  expect(loop.isWatched).toBe(true);
  loop.turn();
  expect(loop.isWatched).toBe(false);
});

test("requests are refused in the turn in which they have come to wait for too long", () => {
  const { loop, pressure } = start();
  let admitted = 0;
  loop.turn(() => {
    for (let one = 0; one < 1_000; one++) {
      if (!pressure.admits()) continue;
      admitted++;
      loop.ms += 5;
    }
  });
  expect(admitted).toBeGreaterThan(waitMs / 5);
  expect(admitted).toBeLessThan(waitMs / 5 + 10);
});

/** Connections that each bring one request wait with the system; the loop takes over one a turn, as Node.js does. */
class Flood {
  readonly waits: { readonly atMs: number; readonly ms: number; readonly isAdmitted: boolean }[] = [];
  mostWaiting = 0;
  readonly #loop: FakeLoop;
  readonly #pressure: Pressure;
  readonly #waiting: number[] = [];
  #next: number | undefined;
  #cameMs = 0;

  constructor(loop: FakeLoop, pressure: Pressure) {
    this.#loop = loop;
    this.#pressure = pressure;
  }

  run(untilMs: number, { perSecond, workMs }: { readonly perSecond: number; readonly workMs: number }): void {
    const loop = this.#loop;
    this.#cameMs = loop.ms;
    while (loop.ms < untilMs) {
      for (; this.#cameMs <= loop.ms; this.#cameMs += 1_000 / perSecond) this.#waiting.push(this.#cameMs);
      this.mostWaiting = Math.max(this.mostWaiting, this.#waiting.length);
      loop.turn(() => this.#turn(workMs));
    }
  }

  #turn(workMs: number): void {
    const loop = this.#loop;
    loop.ms += 0.05;
    const request = this.#next;
    this.#next = this.#waiting.shift();
    if (this.#next !== undefined) loop.taken++;
    if (request === undefined) return;
    const isAdmitted = this.#pressure.admits();
    loop.ms += isAdmitted ? workMs : 0.15;
    this.waits.push({ atMs: loop.ms, ms: loop.ms - request, isAdmitted });
  }
}

describe("ten times what the processor takes", () => {
  const { loop, pressure } = start();
  const flood = new Flood(loop, pressure);
  flood.run(20_000, { perSecond: 2_000, workMs: 5 });
  const settled = flood.waits.filter(({ atMs }) => atMs > 5_000);

  test("waits no longer than it may before the refusals begin", () => {
    expect(Math.max(...flood.waits.map(({ ms }) => ms))).toBeLessThan(1.5 * waitMs);
    expect(flood.mostWaiting).toBeLessThan(4_096);
  });

  test("waits for a fraction of that from then on", () => {
    expect(Math.max(...settled.map(({ ms }) => ms))).toBeLessThan(waitMs / 4);
  });

  test("leaves the processor at work for a third of the time at least", () => {
    const admitted = settled.filter(({ isAdmitted }) => isAdmitted).length;
    expect(admitted / 15).toBeGreaterThan(200 / 3);
  });

  test("is forgotten two seconds later", () => {
    flood.run(22_500, { perSecond: 20, workMs: 5 });
    const after = flood.waits.length;
    flood.run(23_500, { perSecond: 400, workMs: 5 });
    expect(flood.waits.slice(after).every(({ isAdmitted }) => isAdmitted)).toBe(true);
  });
});

test("a third of what the processor takes is never refused, for a minute", () => {
  const { loop, pressure } = start();
  const flood = new Flood(loop, pressure);
  flood.run(60_000, { perSecond: 70, workMs: 5 });
  expect(flood.waits.every(({ isAdmitted }) => isAdmitted)).toBe(true);
});

test("nineteen twentieths of what the processor takes are never refused, for a minute", () => {
  const { loop, pressure } = start();
  const flood = new Flood(loop, pressure);
  flood.run(60_000, { perSecond: 190, workMs: 5 });
  expect(flood.waits.every(({ isAdmitted }) => isAdmitted)).toBe(true);
});

test("other work that keeps the processor busy takes no more than half of the places from requests that cost little", () => {
  const { loop, pressure } = start();
  let [came, admitted] = [0, 0];
  for (; loop.ms < 60_000; came++) {
    loop.turn(() => {
      loop.ms += 50;
      loop.taken++;
      if (pressure.admits()) admitted++;
    });
  }
  expect(admitted).toBeGreaterThan(0.45 * came);
  expect(admitted).toBeLessThan(came);
});
