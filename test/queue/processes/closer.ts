// Uses a queue in every way, closes it, says how many connections are left, and then has nothing that would keep it alive.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { LeasedJob } from "../../../src/queue/queue.ts";
import { openQueue } from "../open-queue.ts";
import { childOptions, say, sayClosed, told } from "./child.ts";

/** What this script takes. */
export interface CloserOptions {
  readonly leaseMs: number;
}

const { spec, leaseMs } = childOptions<CloserOptions>();
const queue = await openQueue(spec);
queue.watch(() => {});
await Promise.all(["a", "b", "c"].map((id) => queue.send({ id, handler: "Work", head: "{}", body: Buffer.from(id) })));
const held: LeasedJob[] = [];
while (held.length < 3) {
  held.push(...(await queue.claim({ limit: 3 - held.length, leaseMs })).jobs);
  if (held.length < 3) await delay(20);
}
const [first, ...others] = held;
await queue.renew(others, leaseMs);
const settle = first ? [{ id: first.id, lease: first.lease, outcome: "acknowledge" } as const] : [];
await queue.claim({ limit: 0, leaseMs, settle });
say("used", connectionCount());
await told("close");
await queue.close();
// What has been closed here goes through one more farewell with the other side.
for (let waits = 0; connectionCount() > 0 && waits < 100; waits++) await delay(20);
say("left", connectionCount());
await told("end");
sayClosed();

/** TCP connections of this process, on Linux; elsewhere 0. */
function connectionCount(): number {
  try {
    const sockets = new Set(readdirSync("/proc/self/fd").map(inodeOf));
    return ["tcp", "tcp6"].flatMap(tableRows).filter(({ state, inode }) => state === "01" && sockets.has(inode)).length;
  } catch {
    return 0;
  }
}

function inodeOf(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
  } catch {
    return undefined; // the directory itself, closed again
  }
}

function tableRows(protocol: string): readonly { readonly state: string | undefined; readonly inode: string | undefined }[] {
  const [, ...rows] = readFileSync(`/proc/net/${protocol}`, "utf8").trim().split("\n");
  return rows.map((row) => row.trim().split(/\s+/)).map((columns) => ({ state: columns[3], inode: columns[9] }));
}
