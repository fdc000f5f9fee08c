import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../peers/package.json", import.meta.url));

/** What is measured beside Hookwright and is installed apart. */
export type PeerPackage = "pg-boss" | "graphile-worker";

/** Whether a package of `bench/peers` is installed. */
export function isPeerInstalled(name: PeerPackage): boolean {
  try {
    return require.resolve(name) !== "";
  } catch {
    return false;
  }
}

/** Loads a package of `bench/peers`; the caller says what it uses of it, since its types may not be there. */
export async function importPeer<Module>(name: PeerPackage): Promise<Module> {
  return (await import(pathToFileURL(require.resolve(name)).href)) as Module;
}
