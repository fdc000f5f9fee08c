import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { exportNameOf, type Receiver } from "../../src/receiver/index.ts";
import type { ReceiverVector } from "../../src/testing/vector.ts";

/** A receiver of the catalogue with the vectors beside it. */
export interface CatalogueEntry {
  readonly slug: string;
  readonly receiver: Receiver;
  readonly vectors: readonly ReceiverVector[];
}

/**
 * Every file of `receivers/`, or those that `HOOKWRIGHT_RECEIVERS` names, with commas between. A receiver without vectors has
 * an empty list.
 */
export async function loadCatalogue(): Promise<readonly CatalogueEntry[]> {
  const chosen = process.env["HOOKWRIGHT_RECEIVERS"]?.split(",");
  const slugs = globSync("receivers/*.ts")
    .map((file) => basename(file, ".ts"))
    .filter((slug) => slug !== "index" && (chosen?.includes(slug) ?? true))
    .sort();
  return Promise.all(slugs.map(loadEntry));
}

async function loadEntry(slug: string): Promise<CatalogueEntry> {
  const module = (await import(pathToFileURL(`receivers/${slug}.ts`).href)) as Record<string, unknown>;
  const receiver = module[exportNameOf(slug)] as Receiver;
  const [file] = globSync(`receivers/${slug}.json`);
  const vectors = file === undefined ? [] : (JSON.parse(readFileSync(file, "utf8")) as ReceiverVector[]);
  return { slug, receiver, vectors };
}
