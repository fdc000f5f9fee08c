import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sqliteStore } from "../../../src/store/drivers/sqlite.ts";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";
import { deliveryKey } from "../conformance.ts";

describe("a claim of another process", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let file: string;
  let other: ChildProcess;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    file = join(directory.path, "store.db");
    const script = fileURLToPath(new URL("./claim.ts", import.meta.url));
    other = spawn(process.execPath, [script, file, JSON.stringify(deliveryKey())], { stdio: ["ignore", "pipe", "inherit"] });
    const [state] = (await once(other.stdout ?? other, "data")) as [Buffer];
    expect(state.toString().trim()).toBe("claimed");
  });

  afterEach(async () => {
    await end();
    await directory.remove();
  });

  const end = async (): Promise<void> => {
    if (other.exitCode !== null || other.signalCode !== null) return;
    other.kill("SIGKILL");
    await once(other, "exit");
  };

  const claim = async () => {
    const store = sqliteStore({ file });
    const { state } = await store.claimDelivery(deliveryKey(), { leaseMs: 60_000 });
    await store.close();
    return state;
  };

  it("is respected while that process runs", async () => {
    expect(await claim()).toBe("running");
  });

  it("is given back once that process has been killed, long before its lease has run out", async () => {
    await end();
    expect(await claim()).toBe("claimed");
  });
});
