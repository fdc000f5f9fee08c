import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { anchorsOf, readPages, withoutCode } from "./pages.ts";

test("every relative link in the pages leads to a file and, where it names one, to a heading", () => {
  const broken = readPages().flatMap(({ path, text }) =>
    relativeLinks(text)
      .filter((link) => !resolves(path, link))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});

/** The targets of inline links, images and reference definitions, but those with a scheme such as `https:`. */
function relativeLinks(text: string): readonly string[] {
  const prose = withoutCode(text);
  const inline = prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g);
  const references = prose.matchAll(/^ *\[[^\]]+\]: +<?(\S+?)>?(?: +".*")?$/gm);
  return [...inline, ...references].map(([, target = ""]) => target).filter((target) => !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target));
}

function resolves(from: string, link: string): boolean {
  const [target = "", anchor] = decodeURI(link).split("#", 2);
  const path = target === "" ? from : join(dirname(from), target);
  if (path.startsWith("..") || target.startsWith("/") || !existsSync(path)) return false;
  if (anchor === undefined || !path.endsWith(".md")) return true;
  return anchorsOf(readFileSync(path, "utf8")).has(anchor);
}
