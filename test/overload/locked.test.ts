import { afterAll, expect, it } from "@jest/globals";
import { describeWith } from "../support/services.ts";
import { expectAllWorked, expectRecovery, healthDuring, quantile } from "./checks.ts";
import { engines, secret, startOn } from "./engines.ts";
import { offer, stopLoad } from "./processes.ts";

afterAll(stopLoad);

const duplicateWaitMs = 500;
const mebibyte = 1024 * 1024;

for (const { name, isThere, open } of engines) {
  describeWith(name, isThere, `a database that is locked, on ${name}`, () => {
    it("is answered 503 in a bounded time, and what was refused is done once when it comes again", async () => {
      const { app, database, remove } = await startOn(open, { keepsIds: true, limits: { duplicateWaitMs } });
      try {
        const order = { port: app.port, secret, bodyBytes: 7_000 };
        const first = await offer({ ...order, connections: 4, rate: 50, milliseconds: 500 });
        const locking = database.lock(3_000);
        const loaded = offer({ ...order, connections: 500, rate: 100, milliseconds: 2_500 });
        const { result: during, statuses } = await healthDuring(app, loaded);
        await locking;
        const recovery = await expectRecovery(app);
        const again = await offer({ ...order, connections: 16, milliseconds: 20_000, ids: during.refusedIds });

        expect(during.other).toEqual({});
        expect(during.refused).toBeGreaterThan(0);
        expect(quantile(during.refusedLatencies, 1)).toBeLessThan(duplicateWaitMs + 3_000);
        expect(new Set(statuses)).toEqual(new Set([200]));
        expect(again).toMatchObject({ other: {}, refused: 0, acceptedCount: during.refused });
        await expectAllWorked(app, [...first.accepted, ...during.accepted, ...during.refusedIds, ...recovery.ids]);
        expect(await app.stop()).toBe(0);
      } finally {
        await remove();
      }
    }, 60_000);

    it("holds no more bodies than the budget allows once it has refused them", async () => {
      const limits = { duplicateWaitMs: 300, maxBytesInFlight: 8 * mebibyte };
      const { app, database, remove } = await startOn(open, { limits });
      try {
        const order = { port: app.port, secret, connections: 16, bodyBytes: mebibyte };
        const first = await offer({ ...order, milliseconds: 500 });
        const before = await app.state();
        const locking = database.lock(4_500);
        const during = await offer({ ...order, milliseconds: 4_000 });
        await locking;
        const recovery = await expectRecovery(app);
        const after = await app.state();
        expect(during.other).toEqual({});
        expect(during.refused).toBeGreaterThan(0);
        expect(first.acceptedCount + recovery.ids.length).toBeGreaterThan(0);
        if (process.env["HOOKWRIGHT_OVERLOAD_REPORT"])
          process.stdout.write(`${name}: ${during.refused} refused, ${(after.peakRss - before.peakRss) / mebibyte} MiB more at the peak\n`);
        expect(after.peakRss - before.peakRss).toBeLessThan(150 * mebibyte);
      } finally {
        await remove();
      }
    }, 60_000);
  });
}
