import { execFile } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { temporaryDirectory } from "../../sqlite/temporary-directory.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

// The sources are copied to where no package is installed, and run there.
describe("the Redis queue without its packages", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    await cp(join(root, "src"), join(directory.path, "src"), { recursive: true });
    await mkdir(join(directory.path, "node_modules"));
  });
  afterEach(() => directory.remove());

  /** What sending a job there, with nothing on the other side, is rejected with. */
  async function send(): Promise<unknown> {
    const module = pathToFileURL(join(directory.path, "src/queue/drivers/redis.ts"));
    const program = `
      const { redisQueue } = await import(${JSON.stringify(module.href)});
      const queue = redisQueue({ connection: "redis://127.0.0.1:1" });
      const job = { id: "a", handler: "Work", head: "{}", body: new Uint8Array() };
      const { code, message } = await queue.send(job).catch((error) => error);
      await queue.close();
      console.log(JSON.stringify({ code, message }));`;
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", program];
    return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
  }

  it("names ioredis where that is missing", async () => {
    expect(await send()).toEqual({ code: "package_missing", message: expect.stringContaining("npm install ioredis") });
  });

  it("names bullmq where that is missing, and ends", async () => {
    await symlink(join(root, "node_modules/ioredis"), join(directory.path, "node_modules/ioredis"));
    expect(await send()).toEqual({ code: "package_missing", message: expect.stringContaining("npm install bullmq") });
  });
});
