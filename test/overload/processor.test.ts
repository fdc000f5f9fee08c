import { afterAll, describe, expect, it } from "@jest/globals";
import type { AppState } from "./app.ts";
import { expectAllWorked, expectRecovery, healthDuring, measureCapacity, quantile } from "./checks.ts";
import { secret, sqliteDatabase, startOn } from "./engines.ts";
import type { LoadResult } from "./load.ts";
import { offer, stopLoad } from "./processes.ts";

afterAll(stopLoad);

const mebibyte = 1024 * 1024;
/** As in overload.test.ts: a latency beside other suites says how busy the machine is. */
const isMeasured = process.env["HOOKWRIGHT_OVERLOAD_REPORT"] !== undefined;

const loads = [
  { name: "connections that are kept", isFresh: false },
  { name: "a connection for each request", isFresh: true },
];

describe("ten times what the processor can take", () => {
  it.each(loads)(
    "over $name is answered 2xx in a bounded time or 503, and what was taken on is done",
    async ({ name, isFresh }) => {
      const { app, remove } = await startOn(sqliteDatabase, { burnMs: 5, keepsIds: true });
      try {
        const capacity = await measureCapacity(app, 8);
        const before = await app.state();
        const order = { port: app.port, secret, connections: 2_000, rate: 10 * capacity.perSecond, milliseconds: 4_000, bodyBytes: 7_000 };
        const { result: first, statuses } = await healthDuring(app, offer({ ...order, isFresh }));
        const second = await offer({ ...order, isFresh });
        const recovery = await expectRecovery(app);
        const after = await app.state();
        if (isMeasured) report(name, { perSecond: capacity.perSecond, first, second, before, after, recoveryMs: recovery.afterMs });

        for (const result of [first, second]) expectShared(result);
        if (isMeasured) expect(quantile(second.latencies, 0.99)).toBeLessThan(2_000);
        expect(new Set(statuses)).toEqual(new Set([200]));
        expect(after.lines).toBeLessThan(10); // and not one for each refusal
        await expectAllWorked(app, [...capacity.accepted, ...first.accepted, ...second.accepted, ...recovery.ids]);
        expect(after.peakRss - before.rss).toBeLessThan(256 * mebibyte);
        expect(after.heap - before.heap).toBeLessThan(20 * mebibyte);
        expect(await app.stop()).toBe(0);
      } finally {
        await remove();
      }
    },
    90_000,
  );
});

describe("a burst of 200 deliveries at once", () => {
  it.each(loads)(
    "over $name is taken on by a process that was idle",
    async ({ isFresh }) => {
      const { app, remove } = await startOn(sqliteDatabase, { keepsIds: true });
      try {
        const order = { port: app.port, secret, connections: 200, rate: 1_000_000, milliseconds: 20, bodyBytes: 7_000, isFresh };
        const bursts = [await offer(order), await offer(order)];
        for (const { offered, acceptedCount, refused } of bursts) {
          expect(offered).toBeGreaterThanOrEqual(200);
          expect({ acceptedCount, refused }).toEqual({ acceptedCount: offered, refused: 0 });
        }
        await expectAllWorked(
          app,
          bursts.flatMap(({ accepted }) => accepted),
        );
        expect((await app.state()).lines).toBe(0);
      } finally {
        await remove();
      }
    },
    60_000,
  );
});

function expectShared(result: LoadResult): void {
  expect(result.other).toEqual({});
  expect(result.acceptedCount + result.refused).toBe(result.offered);
  expect(result.acceptedCount).toBeGreaterThan(0);
  expect(result.refused).toBeGreaterThan(isMeasured ? result.acceptedCount : 0); // the machine may be faster than when it was measured
  expect(quantile(result.latencies, 1)).toBeLessThan(isMeasured ? 5_000 : 20_000);
}

/** What docs/scaling.md cites. */
function report(name: string, { perSecond, first, second, before, after, recoveryMs }: Measured): void {
  const loads = [first, second].map((result) => ({
    offered: Math.round(result.offered / result.seconds),
    accepted: Math.round(result.acceptedCount / result.seconds),
    held: result.held,
    latencies: [0.5, 0.99, 1].map((part) => Math.round(quantile(result.latencies, part))),
    refusedLatencies: [0.5, 0.99, 1].map((part) => Math.round(quantile(result.refusedLatencies, part))),
  }));
  const growth = { peak: after.peakRss - before.rss, heap: after.heap - before.heap };
  const mebibytes = Object.entries(growth).map(([line, bytes]) => `${line} ${Math.round(bytes / mebibyte)}`);
  const rest = { perSecond: Math.round(perSecond), recoveryMs: Math.round(recoveryMs), lines: after.lines, mebibytes };
  process.stdout.write(`${name}: ${JSON.stringify({ ...rest, loads })}\n`);
}

interface Measured {
  readonly perSecond: number;
  readonly first: LoadResult;
  readonly second: LoadResult;
  readonly before: AppState;
  readonly after: AppState;
  readonly recoveryMs: number;
}
