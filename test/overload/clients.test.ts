import { connect, type Socket } from "node:net";
import { afterAll, describe, expect, it } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { signRequest } from "../../src/testing/sign-request.ts";
import { until } from "../support/until.ts";
import { expectAllWorked, expectRecovery } from "./checks.ts";
import { secret, sqliteDatabase, startOn } from "./engines.ts";
import { offer, stopLoad } from "./processes.ts";

afterAll(stopLoad);

const mebibyte = 1024 * 1024;

describe("clients that stall in the middle of a body", () => {
  it("hold up nobody else, and are cut", async () => {
    const stalled = 100;
    const limits = { maxRequestsInFlight: stalled + 20 };
    const { app, remove } = await startOn(sqliteDatabase, { keepsIds: true, limits, requestTimeoutMs: 4_000 });
    const slow = Array.from({ length: stalled }, () => stall(app.port));
    try {
      await until(() => slow.every(({ socket }) => socket.readyState === "open"));
      const others = await offer({ port: app.port, secret, connections: 16, milliseconds: 1_500, bodyBytes: 7_000 });
      expect(others).toMatchObject({ other: {}, refused: 0 });
      expect(others.acceptedCount).toBeGreaterThan(0);
      await until(() => slow.every(({ isClosed }) => isClosed()), 15_000);
      // All places are free again.
      const after = await offer({ port: app.port, secret, connections: limits.maxRequestsInFlight, milliseconds: 1_500, bodyBytes: 7_000 });
      expect(after).toMatchObject({ other: {}, refused: 0 });
      await expectAllWorked(app, [...others.accepted, ...after.accepted]);
    } finally {
      for (const { socket } of slow) socket.destroy();
      await remove();
    }
  }, 60_000);
});

describe("bodies of 1 MiB beyond the budget of bytes", () => {
  it("are refused with an answer that the client receives, and the memory is the same each time", async () => {
    const { app, remove } = await startOn(sqliteDatabase, { keepsIds: true, limits: { maxBytesInFlight: 8 * mebibyte } });
    try {
      const order = { port: app.port, secret, connections: 64, milliseconds: 2_000, bodyBytes: mebibyte };
      const first = await offer(order);
      const before = await app.state();
      const second = await offer(order);
      for (const result of [first, second]) {
        expect(result.other).toEqual({});
        expect(result.acceptedCount).toBeGreaterThan(0);
        expect(result.refused).toBeGreaterThan(0);
      }
      const recovery = await expectRecovery(app);
      await expectAllWorked(app, [...first.accepted, ...second.accepted, ...recovery.ids]);
      const after = await app.state();
      expect(after.peakRss - before.peakRss).toBeLessThan(150 * mebibyte);
      expect(after.heap - before.heap).toBeLessThan(20 * mebibyte);
      expect(after.external - before.external).toBeLessThan(64 * mebibyte);
      if (process.env["HOOKWRIGHT_OVERLOAD_REPORT"])
        process.stdout.write(
          `${JSON.stringify({ peaks: [before.peakRss, after.peakRss].map((bytes) => Math.round(bytes / mebibyte)) })}\n`,
        );
    } finally {
      await remove();
    }
  }, 60_000);
});

/** Sends a head and half of the body, and no more. */
function stall(port: number): { readonly socket: Socket; readonly isClosed: () => boolean } {
  const { headers, body } = signRequest(github, { secret, event: "push", body: { filler: "x".repeat(7_000) } });
  const lines = Object.entries({ ...headers, host: "127.0.0.1", "content-length": String(body.length) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const socket = connect({ port, host: "127.0.0.1" });
  let isClosed = false;
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
  });
  socket.resume();
  socket.write(`POST /api/webhooks/incoming/github HTTP/1.1\r\n${head}\r\n`);
  socket.write(body.subarray(0, body.length / 2));
  return { socket, isClosed: () => isClosed };
}
