import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

describe("the size of the source files", () => {
  const files = globSync("{src,receivers,handlers}/**/*.ts").filter((file) => file !== "receivers/index.ts"); // generated
  const sizes = files.map((file) => ({ file, lines: countLines(readFileSync(file, "utf8")) }));

  test("no file is longer than 400 lines", () => {
    expect(sizes.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  test("nine files in ten have at most 250 lines", () => {
    expect(quantile(sizes, 0.9)).toBeLessThanOrEqual(250);
  });

  test("half of the files have at most 100 lines", () => {
    expect(quantile(sizes, 0.5)).toBeLessThanOrEqual(100);
  });
});

function countLines(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** The length that `share` of the files do not pass. */
function quantile(sizes: readonly { readonly lines: number }[], share: number): number {
  const sorted = sizes.map(({ lines }) => lines).sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
