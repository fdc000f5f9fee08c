import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { github } from "../../receivers/github.ts";
import { sqliteQueue } from "../../src/queue/drivers/sqlite.ts";
import { signRequest } from "../../src/testing/sign-request.ts";
import { until } from "../support/until.ts";

const secret = "the secret of the fault tests";
const kills = Number(process.env["HOOKWRIGHT_KILLS"] ?? 200);

let directory: string;
let ledger: string;
let database: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hookwright-faults-"));
  ledger = join(directory, "ledger");
  database = join(directory, "hookwright.db");
  writeFileSync(ledger, "");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("SIGKILL", () => {
  it("loses nothing that was answered 2xx, at whatever moment it comes", async () => {
    const accepted = new Set<string>();
    let refused: string[] = [];
    let unanswered = 0;
    for (let kill = 0; kill < kills; kill++) {
      const app = await start();
      // The provider delivers again what it had no answer for, and something new.
      const ids = [...refused, ...Array.from({ length: 8 }, () => randomUUID())];
      const outcomes = ids.map(async (id) => ({ id, isAccepted: await post(app.port, id) }));
      // Spread over the whole life of a burst: from before the first byte is read to after the last answer.
      await passTime(Math.random() * 160);
      app.child.kill("SIGKILL");
      const settled = await Promise.all(outcomes);
      for (const { id, isAccepted } of settled) if (isAccepted) accepted.add(id);
      refused = settled.filter(({ isAccepted }) => !isAccepted).map(({ id }) => id);
      unanswered += refused.length;
    }
    const last = await start();
    for (const id of refused) if (await post(last.port, id)) accepted.add(id);
    await until(() => [...accepted].every((id) => worked().has(id)), 30_000);
    last.child.kill("SIGTERM");
    await once(last.child, "exit");

    expect(unanswered).toBeGreaterThan(kills / 4); // or the kills would not have hit anything
    expect(accepted.size).toBe(kills * 8);
    const queue = sqliteQueue({ file: database });
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
    expect((await queue.list({ state: "dead", limit: 0 })).total).toBe(0);
    await queue.close();
  }, 240_000);
});

async function start(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const script = fileURLToPath(new URL("./app.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, database, ledger, secret], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(directory, "compile-cache") },
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}

/** Whether a delivery was answered 2xx. A connection that breaks, or 503, means that the provider has to come again. */
function post(port: number, deliveryId: string): Promise<boolean> {
  const { headers, body } = signRequest(github, {
    secret,
    event: "push",
    deliveryId,
    body: { ref: "refs/heads/main", filler: "x".repeat(2_000) },
  });
  return new Promise((resolve) => {
    const outgoing = request(
      { port, host: "127.0.0.1", method: "POST", path: "/api/webhooks/incoming/github", headers, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    outgoing.on("error", () => resolve(false));
    outgoing.end(body);
  });
}

function worked(): ReadonlySet<string> {
  return new Set(
    readFileSync(ledger, "utf8")
      .split("\n")
      .map((line) => line.split(" ")[0] ?? ""),
  );
}

function passTime(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
