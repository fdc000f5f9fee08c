import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "@jest/globals";

/** The modules that a process loads to import one, as paths from here; packages by their folder in `node_modules`. */
async function loadedBy(specifier: string): Promise<readonly string[]> {
  const script = `
    const loaded = [];
    require("node:module").registerHooks({
      load(url, context, next) { loaded.push(url); return next(url, context); },
    });
    import(${JSON.stringify(specifier)}).then(() => process.stdout.write(JSON.stringify(loaded)));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", "--eval", script]);
  const urls = (JSON.parse(stdout) as string[]).filter((url) => url.startsWith("file:"));
  return urls.map((url) => decodeURIComponent(new URL(url).pathname).replace(`${process.cwd()}/`, ""));
}

describe("importing a receiver", () => {
  it.each(["github", "apple-app-store", "google-pubsub", "salesforce", "moralis-streams"])(
    "loads no other than %s, and no package",
    async (slug) => {
      const loaded = await loadedBy(`./receivers/${slug}.ts`);
      expect(loaded.filter((path) => path.startsWith("receivers/"))).toEqual([`receivers/${slug}.ts`]);
      expect(loaded.filter((path) => path.includes("node_modules"))).toEqual([]);
    },
  );

  it("is not needed to read what it is like", async () => {
    expect(await loadedBy("./receivers/index.ts")).toEqual(["receivers/index.ts"]);
  });
});
