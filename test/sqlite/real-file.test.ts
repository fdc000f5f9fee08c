import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { realFile } from "../../src/sqlite/real-file.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

describe("realFile", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let path: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    path = await realpath(directory.path);
    await mkdir(join(path, "data"));
    await symlink("data", join(path, "alias"));
  });
  afterEach(() => directory.remove());

  it("is where the links lead, of the directory as of the file", async () => {
    await writeFile(join(path, "data", "a.db"), "");
    await symlink("../data/a.db", join(path, "data", "link.db"));
    for (const name of ["data/a.db", "alias/a.db", "data/link.db", "alias/link.db"]) {
      expect(realFile(join(path, name))).toBe(join(path, "data", "a.db"));
    }
  });

  it("is where the file will be, where there is none yet", async () => {
    await symlink("data/later.db", join(path, "link.db"));
    expect(realFile(join(path, "alias", "new.db"))).toBe(join(path, "data", "new.db"));
    expect(realFile(join(path, "link.db"))).toBe(join(path, "data", "later.db"));
  });

  it("is the path itself where nothing is there, and comes to an end where links lead in a circle", async () => {
    expect(realFile(join(path, "nowhere", "a.db"))).toBe(join(path, "nowhere", "a.db"));
    await symlink("two", join(path, "one"));
    await symlink("one", join(path, "two"));
    expect(realFile(join(path, "one"))).toMatch(/one$|two$/);
  });
});
