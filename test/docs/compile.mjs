// Lets Node.js run an example from its source, as `node --import ./test/docs/compile.mjs examples/quick-start.ts`: compiles
// TypeScript with decorators, and leads the names that users write to the sources.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";

const root = new URL("../../", import.meta.url);

const publicNames = [
  [/^hookwright$/, "src/index.ts"],
  [/^hookwright\/(testing)$/, "src/$1/index.ts"],
  [/^hookwright\/((?:receivers|handlers)\/.+)$/, "$1.ts"],
  [/^hookwright\/(queue|store)\/(.+)$/, "src/$1/drivers/$2.ts"],
];

const compiler = {
  jsc: {
    parser: { syntax: "typescript", decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
    target: "es2023",
  },
  sourceMaps: "inline",
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    const [pattern, path] = publicNames.find(([name]) => name.test(specifier)) ?? [];
    if (!pattern) return nextResolve(specifier, context);
    return { url: new URL(specifier.replace(pattern, path), root).href, shortCircuit: true };
  },
  load(url, context, nextLoad) {
    if (!url.endsWith(".ts")) return nextLoad(url, context);
    const filename = fileURLToPath(url);
    return { format: "module", source: transformSync(readFileSync(filename, "utf8"), { ...compiler, filename }).code, shortCircuit: true };
  },
});
