import { RequestError } from "../../../src/errors.ts";
import type { RemoteDocuments } from "../../../src/receiver/remote.ts";

/** Documents from a table of bodies by URL, cached until they do not suffice. `asked` counts what was fetched. */
export function documentsFrom(bodies: Record<string, unknown>): RemoteDocuments & { readonly asked: string[] } {
  const cache = new Map<string, unknown>();
  const asked: string[] = [];
  return {
    asked,
    async load<T>(document: Parameters<RemoteDocuments["load"]>[0]): Promise<T> {
      const key = document.cacheKey ?? document.url;
      if (cache.has(key) && (document.suffices?.(cache.get(key)) ?? true)) return cache.get(key) as T;
      const body = bodies[document.url];
      if (body === undefined) throw new RequestError("keys_unavailable");
      asked.push(document.url);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const parsed = await document.parse({ headers: {}, body: Buffer.from(text) });
      cache.set(key, parsed);
      return parsed as T;
    },
  };
}
