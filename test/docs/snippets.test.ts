import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { fencedBlocks, readPages } from "./pages.ts";

/** The first line of a block that shows an example, which the compiler and the tests read. */
const nameOfExample = /^\/\/ (examples\/\S+\.ts)\n/;

test("a block that begins with the name of an example equals that example", () => {
  const different = readPages().flatMap(({ path, text }) =>
    fencedBlocks(text, "ts")
      .map((block) => ({ file: nameOfExample.exec(block)?.[1], block }))
      .filter(({ file, block }) => file !== undefined && codeOf(block) !== exampleCode(file))
      .map(({ file }) => `${path}: ${file}`),
  );
  expect(different).toEqual([]);
});

function exampleCode(file: string): string | undefined {
  return existsSync(file) ? codeOf(readFileSync(file, "utf8")) : undefined;
}

function codeOf(text: string): string {
  return text.replace(nameOfExample, "").trim();
}
