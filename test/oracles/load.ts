import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";

// biome-ignore lint/suspicious/noExplicitAny: the packages, and so their types, are not installed where this is compiled.
export type Loose = any;

/** What is outside of Jest's sandbox, where packages run as in an application: values for those that check with `instanceof`. */
export const outside = runInThisContext("({ process, Date, Headers, JSON, Request })") as {
  readonly process: NodeJS.Process;
  readonly Date: DateConstructor;
  readonly Headers: typeof Headers;
  readonly JSON: JSON;
  readonly Request: typeof Request;
};

const load = outside.process.getBuiltinModule("node:module").createRequire(import.meta.url);

/** A package, or one of its exported subpaths. */
export function packageOf(name: string): Loose {
  return load(name);
}

/** A file of a package that its exports do not name. */
export function fileOf(path: string): Loose {
  return load(placeOf(path));
}

/** `name@version` of an installed package. */
export function sourceOf(name: string): string {
  const { version } = JSON.parse(readFileSync(placeOf(`${name}/package.json`), "utf8")) as { version: string };
  return `${name}@${version}`;
}

function placeOf(path: string): string {
  const place = findPlace(path);
  if (place === undefined) throw new Error(`${path} is not installed. Run "npm ci --prefix test/oracles".`);
  return place;
}

function findPlace(path: string): string | undefined {
  const folders = load.resolve.paths(path) ?? [];
  return folders.map((folder) => join(folder, path)).find((place) => existsSync(place));
}
