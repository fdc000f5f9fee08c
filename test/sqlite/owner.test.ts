import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, it } from "@jest/globals";
import { hasEnded, thisProcess } from "../../src/sqlite/index.ts";

const startOf = (text: string): number => Number(text.split("/").at(-1));

describe("hasEnded", () => {
  it("says no of this process", () => {
    expect(hasEnded(thisProcess)).toBe(false);
  });

  it("says yes of a process that has ended", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    expect(hasEnded(`${hostname()}/${pid}/1`)).toBe(true);
  });

  it("says no of another process that runs", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    expect(hasEnded(`${hostname()}/${child.pid}/1`)).toBe(false);
    child.kill();
    await once(child, "exit");
  });

  it("says yes of an earlier process with this one's id, as after the restart of a container", () => {
    expect(hasEnded(`${hostname()}/${process.pid}/${startOf(thisProcess) - 60_000}`)).toBe(true);
  });

  it("says no of processes on other machines, of which nothing is known", () => {
    expect(hasEnded(`${hostname()}-2/1/1`)).toBe(false);
  });

  it.each(["", "x", "a/b", "a/b/c", "//", `${hostname()}/x/1`])("says no of text that is no owner: %j", (text) => {
    expect(hasEnded(text)).toBe(false);
  });
});
