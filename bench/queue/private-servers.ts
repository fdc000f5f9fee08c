import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isEngineInstalled, type PrivateEngine, startEngine } from "../../test/support/engines.ts";
import type { Engine } from "./variants.ts";

const slowMs = 2;

/** Adds time to each wait for the disk, and changes nothing else. */
const source = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void slow(void) { struct timespec t = {0, ${slowMs}000000}; nanosleep(&t, 0); }
int fsync(int fd) { int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync"); slow(); return real(fd); }
int fdatasync(int fd) { int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync"); slow(); return real(fd); }
`;

/** What is run: where the engines are, and the environment of those that write to the disk themselves. */
export type OnPrivateServers = (engines: ReadonlyMap<Engine, string>, environment: (engine: Engine) => NodeJS.ProcessEnv) => Promise<void>;

/** How the servers of its own are run. */
export interface PrivateServersOptions {
  readonly asked: readonly Engine[];
  readonly directory: string;
  readonly isDiskSlow: boolean;
}

/** Starts servers of its own, all of which confirm what is on the disk, and SQLite beside them; perhaps on a slow disk. */
export async function withPrivateServers({ asked, directory, isDiskSlow }: PrivateServersOptions, run: OnPrivateServers): Promise<void> {
  const library = isDiskSlow ? compile(directory) : "";
  if (library === undefined) {
    console.log("The part on a slow disk is left out: it needs Linux and a C compiler named cc.");
    return;
  }
  console.log(`Servers of its own${isDiskSlow ? `; each fsync and fdatasync takes ${slowMs} ms longer` : ""}.`);
  const servers = new Map<Engine, PrivateEngine>();
  try {
    for (const engine of ["postgres", "redis"] as const) {
      if (!asked.includes(engine)) continue;
      if (isEngineInstalled(engine)) servers.set(engine, await withPreload(library, () => startEngine(engine)));
      else console.log(`${engine} is left out: it is not installed.`);
    }
    const urls = new Map<Engine, string>([...servers].map(([engine, { connection }]) => [engine, connection]));
    if (asked.includes("sqlite")) urls.set("sqlite", directory);
    await run(urls, (engine) => (engine === "sqlite" && library ? { ...process.env, LD_PRELOAD: library } : process.env));
  } finally {
    await Promise.all([...servers.values()].map((server) => server.remove()));
  }
}

function compile(directory: string): string | undefined {
  const library = join(directory, "slow-disk.so");
  writeFileSync(join(directory, "slow-disk.c"), source);
  try {
    execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", library, join(directory, "slow-disk.c"), "-ldl"], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  chmodSync(directory, 0o755); // PostgreSQL runs as another user, who has to read it
  return process.platform === "linux" ? library : undefined;
}

/** Servers inherit the environment of this process, which itself is not slowed: a library is loaded at a process's start. */
async function withPreload<Result>(library: string, start: () => Promise<Result>): Promise<Result> {
  const before = process.env["LD_PRELOAD"];
  if (library) process.env["LD_PRELOAD"] = library;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env["LD_PRELOAD"];
    else process.env["LD_PRELOAD"] = before;
  }
}
