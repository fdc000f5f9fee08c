import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { until } from "../support/until.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("npm start", () => {
  let demo: ChildProcess;
  let output = "";
  let url = "";

  beforeAll(async () => {
    // A group of its own, so that the signal reaches the demo itself and not only npm.
    demo = spawn("npm", ["start"], { cwd: root, env: { ...process.env, PORT: "0" }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const ready = new Promise<string>((resolve, reject) => {
      const read = (data: Buffer): void => {
        output += data.toString();
        const [, found] = /Ready on (\S+)/.exec(output) ?? [];
        if (found) resolve(found);
      };
      demo.stdout?.on("data", read);
      demo.stderr?.on("data", read);
      demo.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
    });
    url = await ready;
  }, 120_000);

  afterAll(() => {
    if (isRunning()) process.kill(-(demo.pid ?? 0), "SIGKILL");
  });

  it("shows what was accepted, short-circuited, queued and processed, and what a forged request got", () => {
    expect(output).toContain("AuditPush (order 10): refs/");
    expect(output).toContain("Retired (order 20): 410 Gone, later handlers are not called");
    expect(output).toContain("Weather (order 30): answered into the channel");
    expect(output).toMatch(/Work \(worker, attempt 1\): github push, \d+ bytes/);
    expect(output).toMatch(/Work \(worker, attempt 1\): stripe invoice\.paid, \d+ bytes/);
    expect(output).toMatch(/Work \(worker, attempt 1\): standard-webhooks user\.created, \d+ bytes/);
    expect(output).toContain('<-- 401 {"error":"unauthorized"}');
    expect(output).toContain('<-- 404 {"error":"unknown_id"}');
    expect(output).toContain("6 handled, 1 duplicate, 2 rejected.");
  });

  it("says in the log why the forged request was refused", () => {
    expect(output).toContain('"code":"signature_mismatch"');
  });

  it("stays up and prints commands that work", async () => {
    const [, body = ""] = /body='([^']+)'/.exec(output) ?? [];
    const [, secret = ""] = /-hmac '([^']+)'/.exec(output) ?? [];
    const headers = {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": "by-hand",
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    };
    const target = `${url}/api/webhooks/incoming/github`;

    expect((await fetch(target, { method: "POST", headers, body })).status).toBe(200);
    expect((await fetch(`${target}/old-shop`, { method: "POST", headers, body })).status).toBe(410);
    expect(
      (await fetch(target, { method: "POST", headers: { ...headers, "x-hub-signature-256": `sha256=${"0".repeat(64)}` }, body })).status,
    ).toBe(401);
  });

  it("stops on SIGTERM, and leaves no process and no file behind", async () => {
    const [, database = ""] = /deliveries are queued in (\S+)/.exec(output) ?? [];
    process.kill(-(demo.pid ?? 0), "SIGTERM");
    await until(() => !isRunning());
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(existsSync(dirname(database))).toBe(false);
  });

  /** Whether any process of the group is left: npm itself ends before what it started. */
  const isRunning = (): boolean => {
    try {
      return process.kill(-(demo.pid ?? 0), 0);
    } catch {
      return false;
    }
  };
});
