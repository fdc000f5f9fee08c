/** The subpaths that users may import, `./receivers/*` spelled out by the packed files. */
export function publicSubpaths(manifest, files) {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === "string" || target === null) return [];
    if (!subpath.includes("*")) return [subpath];
    const [before, after] = target.default.slice("./".length).split("*");
    return files
      .filter((file) => file.startsWith(before) && file.endsWith(after))
      .map((file) => file.slice(before.length, -after.length))
      .map((name) => subpath.replace("*", name))
      .filter((name) => manifest.exports[name] !== null);
  });
}
