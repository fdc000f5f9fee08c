import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { nearest } from "../../src/cli/main-nearest.ts";
import { run } from "./run.ts";

const cli = (...parameters: readonly string[]) => run("src/cli/main.ts", parameters, { HOOKWRIGHT_POSTGRES_URL: "" });

describe("hookwright", () => {
  it.each(["--help", "-h", "help"])("lists its commands at %s", async (parameter) => {
    expect(await cli(parameter)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^hookwright <command>[\s\S]+ {2}move {2}move /),
    });
  });

  it("lists no file that is no command", async () => {
    expect((await cli("--help")).stdout).not.toContain("new-provider");
    expect(await cli("new-provider")).toMatchObject({ code: 2 });
    expect(await cli("move-report")).toMatchObject({ code: 2 });
    expect(await cli("../index")).toMatchObject({ code: 2 });
  });

  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    expect(await cli("--version")).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it("says how a command is used", async () => {
    expect(await cli("move", "--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--from <file>") });
  });

  it("calls nothing without a command", async () => {
    expect(await cli()).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Commands:") });
  });

  it.each([
    [["mvoe"], "Unknown command: mvoe. Did you mean move?"],
    [["xyzzy"], "Unknown command: xyzzy.\n"],
    [["--hepl"], "Unknown option: --hepl. Did you mean --help?"],
    [["move", "--form", "x"], "Unknown option: --form. Did you mean --from?"],
    [["move", "--dryrun"], "Unknown option: --dryrun. Did you mean --dry-run?"],
    [["move", "-x"], "Unknown option: -x."],
    [["move", "file"], "Unexpected argument: file."],
    [["move", "--from"], "--from needs a value"],
    [["move", "--from", "--to", "x"], "--from needs a value"],
    [["move", "--json=1"], "--json takes no value."],
    [["move", "--to", "postgres://h/d"], "--from <file> is missing."],
    [["move", "--from", "x"], "HOOKWRIGHT_POSTGRES_URL is not set."],
    [["move", "--from", "x", "--to", "mysql://h/d"], "--to: expected postgres://"],
    [["move", "--from", "x", "--to", "postgres://user:12/34@host/db"], "--to: expected postgres://"],
  ])("explains %j, and exits with 2", async (parameters, text) => {
    expect(await cli(...parameters)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
  });
});

describe("nearest", () => {
  it("asks for the one that takes the fewest changes", () =>
    expect(nearest("schem", ["from", "schema"], "--")).toBe(" Did you mean --schema?"));
  it("is silent where none is near", () => expect(nearest("elephant", ["from", "schema"])).toBe(""));
});
