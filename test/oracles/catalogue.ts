import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Receiver } from "../../src/receiver/index.ts";
import type { Oracle } from "./oracle.ts";

const here = import.meta.dirname;

/** Every oracle of this folder, in the order of the files. */
export async function loadOracles(): Promise<readonly Oracle[]> {
  const files = globSync("*.oracle.ts", { cwd: here }).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(here, file)).href)));
  return modules.flatMap(({ oracles }: { oracles: readonly Oracle[] }) => oracles);
}

/** The receiver of an oracle, set up as the oracle asks; undefined while the catalogue has none of its name. */
export async function receiverOf({ slug, settings }: Oracle): Promise<Receiver | undefined> {
  const [file] = globSync(`${slug}.ts`, { cwd: join(here, "../../receivers") });
  if (file === undefined) return undefined;
  const module = (await import(pathToFileURL(join(here, "../../receivers", basename(file))).href)) as Record<string, Receiver>;
  const receiver = module[slug.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())];
  return settings === undefined ? receiver : receiver?.configure(settings);
}
