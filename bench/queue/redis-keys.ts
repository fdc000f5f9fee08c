import { Redis } from "ioredis";
import type { Place } from "./contender.ts";

/** Deletes the keys of a BullMQ queue, except the one of a name. */
export async function removeKeys({ url, name }: Place, { except }: { readonly except?: string } = {}): Promise<void> {
  const client = new Redis(url);
  try {
    const kept = except === undefined ? undefined : `bull:${name}:${except}`;
    for await (const keys of client.scanStream({ match: `bull:${name}:*`, count: 1_000 }) as AsyncIterable<string[]>) {
      const gone = keys.filter((key) => key !== kept);
      if (gone.length > 0) await client.unlink(...gone);
    }
  } finally {
    client.disconnect();
  }
}

/** How durable a write is, in the server's words. */
export async function redisDurability(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    const version = /redis_version:(\S+)/.exec(await client.info("server"))?.[1];
    const settings = await Promise.all(["appendonly", "appendfsync"].map(async (name) => await client.config("GET", name)));
    const [appendOnly, appendFsync] = settings.map((setting) => Object.values(setting as object).at(-1));
    const durability =
      appendOnly === "yes" ? `appendfsync ${String(appendFsync)}` : "no append-only file: what it confirms is not on the disk";
    return `Redis ${version}, ${durability}`;
  } finally {
    client.disconnect();
  }
}
