import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { loadCatalogue } from "../receivers/catalogue.ts";
import { describeCatalogue, renderCatalogueModule, renderProviderPage, renderProvidersPage } from "./provider-pages.ts";

const descriptions = describeCatalogue(await loadCatalogue());

/** Generated files by path. */
const rendered = new Map([
  ["receivers/index.ts", renderCatalogueModule(descriptions)],
  ["docs/providers.md", renderProvidersPage(descriptions)],
  ...descriptions.map((one): [string, string] => [`docs/providers/${one.slug}.md`, renderProviderPage(one)]),
]);

if (process.env["UPDATE_DOCS"] === "1") {
  mkdirSync("docs/providers", { recursive: true });
  for (const path of pagesThere()) if (!rendered.has(path)) rmSync(path);
  for (const [path, text] of rendered) writeFileSync(path, text);
}

describe("the pages of providers and the catalogue as data; UPDATE_DOCS=1 rewrites them", () => {
  test.each([...rendered])("%s is what the receivers say", (path, text) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("there is no page of a provider that is gone", () => {
    expect(pagesThere().filter((path) => !rendered.has(path))).toEqual([]);
  });

  test("no two receivers share a name or an alias", () => {
    const names = descriptions.flatMap(({ slug, aliases }) => [slug, ...aliases]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

function pagesThere(): readonly string[] {
  return globSync("docs/providers/*.md").map((path) => `docs/providers/${basename(path)}`);
}
