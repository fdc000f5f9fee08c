import { globSync, readFileSync } from "node:fs";

/** A page of prose of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every page that a reader can open: those at the top and those under docs, examples and bench. */
export function readPages(): readonly Page[] {
  const paths = globSync(["*.md", "{docs,examples,bench}/**/*.md"], { exclude: (path) => path.includes("node_modules") }).sort();
  return paths.map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/** The fenced blocks of one language, without their fences. */
export function fencedBlocks(text: string, language: string): readonly string[] {
  const fences = text.matchAll(/^( *)```(\S*)[^\n]*\n(.*?)^ *```$/gms);
  return Array.from(fences, ([, indent = "", name, block = ""]) => ({ name, block: block.replaceAll(new RegExp(`^${indent}`, "gm"), "") }))
    .filter(({ name }) => name === language)
    .map(({ block }) => block);
}

/** The text without code, in which brackets are not links and `#` is no heading. */
export function withoutCode(text: string): string {
  return text.replace(/^( *)(```+).*?^ *\2$/gms, "").replace(/(`+)(?!`).*?\1/g, "");
}

/** The anchors of a page, as GitHub derives them from its headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.replace(/^( *)(```+).*?^ *\2$/gms, "").matchAll(/^#{1,6} +(.+?)(?: +#+)?$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
