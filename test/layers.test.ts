import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";

/** File, the module it imports, and whether the layer table of CONTRIBUTING.md allows that. */
const rows: readonly (readonly [file: string, imported: string, verdict: "allows" | "forbids"])[] = [
  // Row 0
  ["src/errors.ts", "./error-codes.ts", "allows"],
  ["src/options.ts", "./errors.ts", "allows"],
  ["src/clock.ts", "node:timers/promises", "allows"],
  ["src/logger.ts", "pino", "allows"],
  ["src/options.ts", "./receiver/index.ts", "forbids"],
  ["src/errors.ts", "./webhooks.ts", "forbids"],
  ["src/options.ts", "tsyringe", "forbids"],
  ["src/di.ts", "tsyringe", "allows"],
  ["src/di.ts", "reflect-metadata", "allows"],
  ["src/di.ts", "./errors.ts", "allows"],
  ["src/di.ts", "./pipeline/handler.ts", "forbids"],
  // Row 1
  ["src/receiver/request.ts", "./body.ts", "allows"],
  ["src/receiver/request.ts", "./schemes/hmac.ts", "allows"],
  ["src/receiver/request.ts", "../errors.ts", "allows"],
  ["src/receiver/request.ts", "node:crypto", "allows"],
  ["src/receiver/request.ts", "node:http", "forbids"],
  ["src/receiver/request.ts", "node:timers/promises", "forbids"],
  ["src/receiver/request.ts", "../queue/queue.ts", "forbids"],
  ["src/receiver/request.ts", "../pipeline/index.ts", "forbids"],
  ["src/receiver/schemes/hmac.ts", "../encoding.ts", "allows"],
  ["src/receiver/schemes/hmac.ts", "../../errors.ts", "allows"],
  ["src/receiver/schemes/hmac.ts", "node:net", "forbids"],
  ["src/receiver/schemes/hmac.ts", "../../store/store.ts", "forbids"],
  ["src/receiver/schemes/hmac.ts", "../../../receivers/github.ts", "forbids"],
  ["src/queue/queue.ts", "../errors.ts", "allows"],
  ["src/queue/queue.ts", "./worker.ts", "forbids"],
  ["src/queue/queue.ts", "./drivers/sqlite.ts", "forbids"],
  ["src/queue/queue.ts", "node:timers", "forbids"],
  ["src/queue/due-heap.ts", "./worker.ts", "forbids"],
  ["src/store/store.ts", "../clock.ts", "allows"],
  ["src/store/store.ts", "../queue/queue.ts", "forbids"],
  ["src/sqlite/database.ts", "node:sqlite", "allows"],
  ["src/sqlite/database.ts", "../store/store.ts", "forbids"],
  // Row 2
  ["src/pipeline/handler.ts", "../receiver/index.ts", "allows"],
  ["src/pipeline/handler.ts", "../queue/queue.ts", "allows"],
  ["src/pipeline/handler.ts", "../store/store.ts", "allows"],
  ["src/pipeline/handler.ts", "../di.ts", "allows"],
  ["src/pipeline/handler.ts", "tsyringe", "forbids"],
  ["src/pipeline/handler.ts", "../koa/routes.ts", "forbids"],
  ["src/pipeline/handler.ts", "koa", "forbids"],
  ["src/pipeline/handler.ts", "../queue/worker.ts", "forbids"],
  ["src/pipeline/handler.ts", "../store/drivers/sqlite.ts", "forbids"],
  ["src/sender/manager.ts", "../triggers/polling.ts", "forbids"],
  ["src/triggers/polling.ts", "../pipeline/index.ts", "forbids"],
  ["src/queue/worker.ts", "./queue.ts", "allows"],
  ["src/queue/worker.ts", "./backoff.ts", "allows"],
  ["src/queue/worker.ts", "../clock.ts", "allows"],
  ["src/queue/worker.ts", "../pipeline/index.ts", "forbids"],
  ["src/queue/worker.ts", "./drivers/memory.ts", "forbids"],
  ["src/queue/drivers/sqlite.ts", "../queue.ts", "allows"],
  ["src/queue/drivers/sqlite.ts", "../../sqlite/database.ts", "allows"],
  ["src/queue/drivers/sqlite.ts", "../../listeners.ts", "allows"],
  ["src/queue/drivers/sqlite.ts", "./sqlite-rows.ts", "allows"],
  ["src/queue/drivers/sqlite-claim.ts", "./sqlite-rows.ts", "allows"],
  ["src/queue/drivers/memory.ts", "./memory-lanes.ts", "allows"],
  ["src/queue/drivers/memory.ts", "./sqlite-rows.ts", "forbids"],
  ["src/queue/drivers/sqlite.ts", "./memory.ts", "forbids"],
  ["src/queue/drivers/sqlite.ts", "../worker.ts", "forbids"],
  ["src/store/drivers/sqlite.ts", "../../errors.ts", "allows"],
  ["src/store/drivers/sqlite.ts", "../../queue/drivers/sqlite.ts", "forbids"],
  // Row 3
  ["src/koa/routes.ts", "koa", "allows"],
  ["src/koa/routes.ts", "raw-body", "allows"],
  ["src/koa/routes.ts", "../pipeline/index.ts", "allows"],
  ["src/koa/routes.ts", "../webhooks.ts", "forbids"],
  ["src/koa/routes.ts", "../testing/index.ts", "forbids"],
  ["src/koa/routes.ts", "tsyringe", "forbids"],
  // Row 4 and the public face
  ["src/webhooks.ts", "./koa/routes.ts", "allows"],
  ["src/webhooks.ts", "./queue/drivers/sqlite.ts", "allows"],
  ["src/webhooks-options.ts", "./pipeline/handler.ts", "allows"],
  ["src/webhooks-options.ts", "./testing/index.ts", "forbids"],
  ["src/webhooks.ts", "./cli/main.ts", "forbids"],
  ["src/webhooks.ts", "../receivers/github.ts", "forbids"],
  ["src/webhooks.ts", "@koa/router", "forbids"],
  ["src/index.ts", "./webhooks.ts", "allows"],
  ["src/index.ts", "../receivers/github.ts", "forbids"],
  // Row 5
  ["src/cli/main.ts", "../../receivers/github.ts", "allows"],
  ["src/console/server.ts", "../webhooks.ts", "allows"],
  ["src/cli/main.ts", "reflect-metadata", "forbids"],
  ["src/testing/request.ts", "../webhooks.ts", "allows"],
  ["src/testing/request.ts", "../../receivers/github.ts", "forbids"],
  ["src/testing/request.ts", "../../handlers/archive.ts", "forbids"],
  // The catalogue
  ["receivers/github.ts", "../src/receiver/index.ts", "allows"],
  ["receivers/github.ts", "node:crypto", "allows"],
  ["receivers/github.ts", "../src/receiver/schemes/hmac.ts", "forbids"],
  ["receivers/github.ts", "../src/errors.ts", "forbids"],
  ["receivers/github.ts", "./stripe.ts", "forbids"],
  ["receivers/github.ts", "tsyringe", "forbids"],
  ["handlers/archive.ts", "../src/pipeline/index.ts", "allows"],
  ["handlers/archive.ts", "../src/errors.ts", "allows"],
  ["handlers/archive.ts", "tsyringe", "allows"],
  ["handlers/archive.ts", "../src/pipeline/handler.ts", "forbids"],
  ["handlers/archive.ts", "../src/koa/routes.ts", "forbids"],
  ["handlers/archive.ts", "../receivers/github.ts", "forbids"],
  // A file that no layer names may not import within the package at all; tests may import everything.
  ["src/newcomer.ts", "./errors.ts", "forbids"],
  ["src/unheard-of/part.ts", "../errors.ts", "forbids"],
  ["src/koa/routes.ts", "hookwright", "forbids"],
  ["test/any.test.ts", "../src/koa/routes.ts", "allows"],
  ["examples/receive.ts", "tsyringe", "allows"],
];

describe("the layer rule of biome.json", () => {
  let forbidden: ReadonlySet<string>;

  beforeAll(async () => {
    forbidden = await lint(rows.map(([file, imported]) => ({ file, line: `import "${imported}";` })));
  });

  test.each(rows)("%s, importing %s: %s", (file, imported, verdict) => {
    expect(forbidden.has(`${file}: import "${imported}";`) ? "forbids" : "allows").toBe(verdict);
  });

  test.each(['import type Koa from "koa";', 'export * from "koa";', 'export { a } from "koa";', 'await import("koa");'])(
    "sees `%s`",
    async (line) => {
      const file = "src/pipeline/handler.ts";
      expect([...(await lint([{ file, line }]))]).toEqual([`${file}: ${line}`]);
    },
  );
});

interface Import {
  readonly file: string;
  readonly line: string;
}

/** Lints a temporary copy of the folders in which each file holds its imports, one a line. Returns those that are forbidden. */
async function lint(imports: readonly Import[]): Promise<Set<string>> {
  const folder = await mkdtemp(join(tmpdir(), "layers-"));
  try {
    const files = groupByFile(imports);
    await cp("biome.json", join(folder, "biome.json"));
    for (const [file, lines] of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), lines.map(({ line }) => `${line}\n`).join(""));
    }
    const found = (await biome(folder)).matchAll(/noRestrictedImports,file=([^,]+),line=(\d+)/g);
    return new Set(Array.from(found, ([, path = "", line]) => nameOf(files, path, Number(line))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function groupByFile(imports: readonly Import[]): ReadonlyMap<string, readonly Import[]> {
  return new Map(imports.map(({ file }) => [file, imports.filter((other) => other.file === file)]));
}

function nameOf(files: ReadonlyMap<string, readonly Import[]>, path: string, line: number): string {
  const [file, lines] = [...files].find(([name]) => path.endsWith(`/${name}`)) ?? [path, []];
  return `${file}: ${lines[line - 1]?.line}`;
}

function biome(folder: string): Promise<string> {
  const flags = ["--vcs-enabled=false", "--only=style/noRestrictedImports", "--reporter=github", "--max-diagnostics=none"];
  const program = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, "lint", ...flags, "."], { cwd: folder }, (_error, stdout, stderr) => {
      if (/Checked \d+ files/.test(stdout + stderr) || stdout.includes("::error")) resolve(stdout);
      else reject(new Error(`biome did not lint: ${stderr}`));
    });
  });
}
