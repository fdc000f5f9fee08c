import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "@jest/globals";
import { temporaryDirectory } from "../sqlite/temporary-directory.ts";

const source = fileURLToPath(new URL("../../src", import.meta.url));

// The sources are copied to where no package is installed, and run there.
it("names pg where that is missing", async () => {
  const directory = await temporaryDirectory();
  await cp(source, join(directory.path, "src"), { recursive: true });
  await mkdir(join(directory.path, "node_modules"));
  const module = pathToFileURL(join(directory.path, "src/queue/drivers/postgres.ts"));
  const program = `
    const { postgresQueue } = await import(${JSON.stringify(module.href)});
    const queue = postgresQueue({ connection: "postgres://127.0.0.1:1/none" });
    const { code, message } = await queue.claim({ limit: 1, leaseMs: 1000 }).catch((error) => error);
    await queue.close();
    console.log(JSON.stringify({ code, message }));`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  await directory.remove();
  expect(JSON.parse(stdout)).toEqual({ code: "package_missing", message: expect.stringContaining("npm install pg") });
});
