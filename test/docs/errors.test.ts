import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { renderErrorsPage } from "./errors-page.ts";

const path = "docs/errors.md";

test("the page of errors is what the code says; UPDATE_DOCS=1 rewrites it", () => {
  const rendered = renderErrorsPage();
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, rendered);
  expect(readFileSync(path, "utf8")).toBe(rendered);
});
