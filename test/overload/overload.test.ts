import { afterAll, afterEach, beforeEach, expect, it } from "@jest/globals";
import { describeWith } from "../support/services.ts";
import { expectAllWorked, expectRecovery, healthDuring, measureCapacity, quantile } from "./checks.ts";
import { type AppOnDatabase, engines, secret, startOn } from "./engines.ts";
import { offer, stopLoad } from "./processes.ts";

afterAll(stopLoad);

// Load and server share the machine, so the capacity is lowered where it costs no processor: a handler that waits.
const maxRequestsInFlight = 8;
const inlineMs = 100;
const mebibyte = 1024 * 1024;
/** Beside other suites on few cores a latency says how busy the machine is. It is looked at when these tests run alone. */
const isMeasured = process.env["HOOKWRIGHT_OVERLOAD_REPORT"] !== undefined;

for (const { name, isThere, open } of engines) {
  describeWith(name, isThere, `ten times the capacity, on ${name}`, () => {
    let started: AppOnDatabase;

    beforeEach(async () => {
      started = await startOn(open, { inlineMs, keepsIds: true, limits: { maxRequestsInFlight } });
    });
    afterEach(() => started.remove());

    it("answers what it takes on, and everything else 503, does what it took on, and recovers", async () => {
      const { app } = started;
      const capacity = await measureCapacity(app, maxRequestsInFlight);
      const before = await app.state();
      const order = { port: app.port, secret, connections: 2_000, rate: 10 * capacity.perSecond, milliseconds: 3_000, bodyBytes: 7_000 };
      const { result: overload, statuses } = await healthDuring(app, offer(order));
      const recovery = await expectRecovery(app);

      expect(overload.other).toEqual({});
      expect(overload.acceptedCount + overload.refused).toBe(overload.offered);
      expect(overload.refused).toBeGreaterThan(overload.acceptedCount);
      expect(overload.acceptedCount).toBeGreaterThan((capacity.perSecond * overload.seconds) / 4);
      if (isMeasured) {
        // What is in flight at the measured rate, by Little's law, twenty times over, and a second for a machine that others use.
        const boundMs = 20 * (maxRequestsInFlight / capacity.perSecond) * 1_000 + 1_000;
        expect(quantile(overload.latencies, 0.99)).toBeLessThan(boundMs);
      }
      expect(statuses.length).toBeGreaterThan(1);
      expect(new Set(statuses)).toEqual(new Set([200]));
      await expectAllWorked(app, [...capacity.accepted, ...overload.accepted, ...recovery.ids]);
      const after = await app.state();
      expect(after.peakRss - before.rss).toBeLessThan(200 * mebibyte);
      expect(after.heap - before.heap).toBeLessThan(20 * mebibyte);
      expect(await app.stop()).toBe(0);
      if (isMeasured) report(name, { capacity, overload, before, after, recovery });
    }, 60_000);
  });
}

/** What docs/scaling.md cites. */
function report(name: string, { capacity, overload, before, after, recovery }: Measured): void {
  const line = {
    name,
    capacityPerSecond: Math.round(capacity.perSecond),
    offeredPerSecond: Math.round(overload.offered / overload.seconds),
    acceptedPerSecond: Math.round(overload.acceptedCount / overload.seconds),
    refused: overload.refused,
    held: overload.held,
    calmP99Ms: Math.round(quantile(capacity.latencies, 0.99)),
    p99Ms: Math.round(quantile(overload.latencies, 0.99)),
    refusedP99Ms: Math.round(quantile(overload.refusedLatencies, 0.99)),
    recoveryMs: Math.round(recovery.afterMs),
    peakGrowthMiB: Math.round((after.peakRss - before.rss) / mebibyte),
    heapGrowthMiB: Math.round((after.heap - before.heap) / mebibyte),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

interface Measured {
  readonly recovery: Awaited<ReturnType<typeof expectRecovery>>;
  readonly capacity: Awaited<ReturnType<typeof measureCapacity>>;
  readonly overload: Awaited<ReturnType<typeof offer>>;
  readonly before: Awaited<ReturnType<AppOnDatabase["app"]["state"]>>;
  readonly after: Awaited<ReturnType<AppOnDatabase["app"]["state"]>>;
}
