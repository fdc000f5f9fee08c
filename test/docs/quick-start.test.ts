import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { github } from "hookwright/receivers/github";
import { signRequest } from "hookwright/testing";

const secret = "a secret for tests only";
const directory = mkdtempSync(join(tmpdir(), "hookwright-quick-start-"));
let app: ChildProcess;
let output = "";
let url = "";

beforeAll(async () => {
  const compile = `file://${resolve("test/docs/compile.mjs")}`;
  app = spawn(process.execPath, ["--import", compile, resolve("examples/quick-start.ts")], {
    cwd: directory,
    env: { ...process.env, NODE_OPTIONS: "", GITHUB_SECRET: secret, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [app.stdout, app.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
  url = await found(/"url":"([^"]+)"/);
});

afterAll(() => {
  app.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

test("handles a push, queues it, and works on it", async () => {
  expect(await post("", "1")).toBe(200);
  await found(/(push to refs\/heads\/main \(delivery 1\))/);
  await found(/(working on push, attempt 1)/);
});

test("answers 200 to the same delivery and runs nothing", async () => {
  expect(await post("", "1")).toBe(200);
  expect(output.match(/push to/g)).toHaveLength(1);
});

test("answers 410 for the retired id", async () => {
  expect(await post("/old-shop", "2")).toBe(410);
});

test("answers 404 for an id without a secret", async () => {
  expect(await post("/nobody", "3")).toBe(404);
});

test("stops on SIGTERM and exits with 0", async () => {
  const exit = once(app, "exit");
  app.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

async function post(id: string, deliveryId: string): Promise<number> {
  const to = `${url}/api/webhooks/incoming/github${id}`;
  const { method, headers, body } = signRequest(github, { secret, url: to, event: "push", deliveryId, body: { ref: "refs/heads/main" } });
  return (await fetch(to, { method, headers, body: new Uint8Array(body) })).status;
}

/** The first group of a pattern, once the app has written it. */
async function found(pattern: RegExp): Promise<string> {
  for (let end = Date.now() + 20_000; Date.now() < end && app.exitCode === null; ) {
    const [, group] = pattern.exec(output) ?? [];
    if (group !== undefined) return group;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error(`the app did not write ${pattern}:\n${output}`);
}
