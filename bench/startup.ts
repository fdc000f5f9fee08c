import { execFileSync } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { median } from "./measure.ts";
import { round } from "./report.ts";
import { withTemporaryDirectory } from "./temporary-directory.ts";

/** What importing costs a process that starts: the framework, one receiver more, and every receiver more; in turn. */
export function startup(rounds: number): Promise<void> {
  return withTemporaryDirectory(async (directory) => importInTurn(directory, rounds));
}

function importInTurn(directory: string, rounds: number): void {
  const receivers = globSync("dist/receivers/*.js").filter((file) => !file.endsWith("index.js"));
  const programs = {
    framework: programOf(directory, "framework", ["dist/src/index.js"]),
    "and one receiver": programOf(directory, "one", ["dist/src/index.js", "dist/receivers/github.js"]),
    [`and all ${receivers.length}`]: programOf(directory, "all", ["dist/src/index.js", ...receivers]),
    "and all as data": programOf(directory, "data", ["dist/src/index.js", "dist/receivers/index.js"]),
  };
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let index = -1; index < rounds; index++) {
    for (const [name, program] of Object.entries(programs)) {
      const milliseconds = Number(execFileSync(process.execPath, [program]));
      if (index >= 0) times.get(name)?.push(milliseconds);
    }
  }
  const base = median(times.get("framework") ?? []);
  console.log("\nStart-up (ms to import, median; and what it adds to the framework alone)");
  console.table(Object.fromEntries([...times].map(([name, all]) => [name, { ms: round(median(all)), adds: round(median(all) - base) }])));
}

/** A program that imports modules, all at once as a bundle of imports does, and prints how long that took. */
function programOf(directory: string, name: string, modules: readonly string[]): string {
  const imports = join(directory, `${name}-imports.mjs`);
  const program = join(directory, `${name}.mjs`);
  writeFileSync(imports, modules.map((path) => `import ${JSON.stringify(pathToFileURL(path).href)};\n`).join(""));
  writeFileSync(
    program,
    `const start = performance.now();\nawait import(${JSON.stringify(pathToFileURL(imports).href)});\nprocess.stdout.write(String(performance.now() - start));\n`,
  );
  return program;
}
