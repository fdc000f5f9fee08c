import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { defaultLimits } from "../../src/options.ts";

test("the table of limits names every limit with its default", () => {
  const page = readFileSync("docs/security.md", "utf8");
  const rows = Array.from(page.matchAll(/^\| `limits\.(\w+)` \| ([\d,]+) \|/gm), ([, name = "", value = ""]) => [
    name,
    Number(value.replaceAll(",", "")),
  ]);
  expect(Object.fromEntries(rows)).toEqual(defaultLimits);
});
