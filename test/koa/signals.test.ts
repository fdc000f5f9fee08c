import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { afterThisTest, secret, signedPush } from "../support/harness.ts";
import { openConnection } from "../support/raw-connection.ts";
import { until } from "../support/until.ts";

let directory = "";

beforeAll(() => {
  // Inside the repository, so that its dependencies are found.
  const cache = join(process.cwd(), "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  directory = mkdtempSync(join(cache, "signals-"));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  const root = process.cwd();
  // Without the examples, which import the package by its name, and so what was built before, if anything was.
  const project = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { rootDir: root, outDir: directory, declaration: false, sourceMap: false },
    include: ["src", "receivers"].map((folder) => join(root, folder)),
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(project));
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", directory]);
  copyFileSync(new URL("child.mjs", import.meta.url), join(directory, "child.mjs"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A child process that listens. */
async function startChild(options: { readonly handlerMs: number; readonly graceMs: number }) {
  const env = { ...process.env, SECRET: secret, HANDLER_MS: String(options.handlerMs), GRACE_MS: String(options.graceMs) };
  const child: ChildProcess = spawn(process.execPath, [join(directory, "child.mjs")], { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => void (output += chunk));
  child.on("exit", (code, signal) => void (exit = { code, signal }));
  afterThisTest(async () => child.kill("SIGKILL"));
  await until(() => /port \d+\n/.test(output) || exit !== undefined);
  const port = Number(/port (\d+)\n/.exec(output)?.[1]);
  return {
    child,
    port,
    output: () => output,
    /** Posts a push, and resolves once its handler runs. */
    post: async (): Promise<{ readonly answer: Promise<Response> }> => {
      const { headers, body } = signedPush();
      const answer = fetch(`http://127.0.0.1:${port}/api/webhooks/incoming/github`, {
        method: "POST",
        headers,
        body: new Uint8Array(body),
      });
      answer.catch(() => {});
      await until(() => output.includes("handling"));
      return { answer };
    },
    exited: async () => {
      await until(() => exit !== undefined);
      return exit;
    },
  };
}

describe("SIGTERM", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("(or %s) ends an idle process with 0", async (signal) => {
    const { child, exited } = await startChild({ handlerMs: 0, graceMs: 5_000 });
    child.kill(signal);
    expect(await exited()).toEqual({ code: 0, signal: null });
  });

  test("lets the request that is under way finish, and then ends with 0", async () => {
    const { child, post, exited } = await startChild({ handlerMs: 300, graceMs: 5_000 });
    const { answer } = await post();
    child.kill("SIGTERM");
    expect((await answer).status).toBe(200);
    expect(await exited()).toEqual({ code: 0, signal: null });
  });

  test("ends with 0 though a client holds an idle connection", async () => {
    const { child, port, exited } = await startChild({ handlerMs: 0, graceMs: 5_000 });
    const connection = await openConnection(port);
    connection.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await connection.answer();
    child.kill("SIGTERM");
    expect(await exited()).toEqual({ code: 0, signal: null });
  });

  test("a second time ends the process at once", async () => {
    const { child, post, exited, output } = await startChild({ handlerMs: 60_000, graceMs: 60_000 });
    await post();
    child.kill("SIGTERM");
    await until(() => output().includes("signal received"));
    child.kill("SIGTERM");
    expect(await exited()).toEqual({ code: 1, signal: null });
  });

  test("ends with 1 where a request outlasts the grace", async () => {
    const { child, post, exited } = await startChild({ handlerMs: 60_000, graceMs: 300 });
    await post();
    child.kill("SIGTERM");
    expect(await exited()).toEqual({ code: 1, signal: null });
  });
});
