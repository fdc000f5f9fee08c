import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newProvider } from "../../src/cli/new-provider.ts";
import type { Receiver } from "../../src/receiver/index.ts";
import type { ReceiverVector } from "../../src/testing/vector.ts";
import { vectorCases } from "../../src/testing/vector-suite.ts";

const date = "2026-11-23";
const importFrom = pathToFileURL("src/receiver/index.ts").pathname;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "new-provider-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("newProvider", () => {
  it("writes a receiver and a vector that pass the generic test", async () => {
    const [module = "", vectors = ""] = newProvider("acme-pay", { directory, importFrom, date });
    const { acmePay } = (await import(pathToFileURL(module).href)) as { acmePay: Receiver };
    expect(acmePay).toMatchObject({ name: "acme-pay", title: "Acme Pay" });
    const cases = (JSON.parse(readFileSync(vectors, "utf8")) as ReceiverVector[]).flatMap((vector) => vectorCases(acmePay, vector));
    expect(cases.length).toBeGreaterThan(10);
    for (const { run } of cases) await run();
  });

  it("overwrites nothing, and writes neither file where one is there", () => {
    writeFileSync(join(directory, "mine.json"), "mine");
    expect(() => newProvider("mine", { directory, date })).toThrow("is there already");
    expect(readFileSync(join(directory, "mine.json"), "utf8")).toBe("mine");
    expect(() => readFileSync(join(directory, "mine.ts"))).toThrow("ENOENT");
  });

  it.each(["", "Acme", "acme_pay", "../acme", "-acme", "index", "acme/pay"])("takes %j for no name", (slug) =>
    expect(() => newProvider(slug, { directory, date })).toThrow("cannot be a receiver's name"),
  );
});

describe("npm run new-provider", () => {
  const run = (...parameters: readonly string[]) =>
    promisify(execFile)(process.execPath, ["src/cli/new-provider.ts", ...parameters]).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it("says how it is used", async () => {
    expect(await run()).toMatchObject({ code: 2, stdout: expect.stringContaining("npm run new-provider <name>") });
    expect(await run("--help")).toMatchObject({ stdout: expect.stringContaining("Writes receivers/") });
  });

  it("says why it writes nothing", async () => {
    expect(await run("github")).toMatchObject({ code: 1, stderr: "receivers/github.ts is there already; nothing was written.\n" });
  });
});
