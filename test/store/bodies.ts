import { expect, it } from "@jest/globals";
import type { Fixture, StoreUnderTest } from "./fixture.ts";
import { anyBytes, oddText } from "./values.ts";

/** Checks that large bodies come back as they were. */
export function describeBodies(fixture: Fixture, { openAnother }: StoreUnderTest): void {
  const put = (id: string, body: Uint8Array) => fixture.store.bodies.put(id, body);
  const get = async (...wanted: string[]) => {
    const found = await fixture.store.bodies.get(wanted);
    return Object.fromEntries([...found].map(([id, body]) => [id, Buffer.from(body).toString("latin1")]));
  };

  it("gives bodies back by any id, and nothing for others", async () => {
    await put(oddText, Buffer.from("odd"));
    await put("a", Buffer.from("a"));
    await put("empty", new Uint8Array());
    expect(await get("a", oddText, "unknown", "a", "empty")).toEqual({ a: "a", [oddText]: "odd", empty: "" });
    expect(await get()).toEqual({});
  });

  it("keeps bodies of several MiB with any bytes, and does not touch the giver's", async () => {
    const bodies = [1, 3, 5].map((size) => anyBytes(size * 1024 * 1024 + 1));
    await Promise.all(bodies.map((body, index) => put(`b-${index}`, body)));
    const found = await fixture.store.bodies.get(["b-0", "b-1", "b-2"]);
    expect(bodies.map((body, index) => Buffer.compare(body, found.get(`b-${index}`)!))).toEqual([0, 0, 0]);
  });

  it("keeps a body that is a view of a larger buffer", async () => {
    const pool = Buffer.from("before|inside|after");
    await put("a", pool.subarray(7, 13));
    expect(await get("a")).toEqual({ a: "inside" });
    expect(pool.toString()).toBe("before|inside|after");
  });

  it("replaces a body of the same id", async () => {
    await put("a", Buffer.from("first"));
    await put("a", Buffer.from("second"));
    expect(await get("a")).toEqual({ a: "second" });
  });

  it("forgets what is removed", async () => {
    for (const id of ["a", "b", "c"]) await put(id, Buffer.from(id));
    await fixture.store.bodies.remove(["a", "unknown", "c", "a"]);
    await fixture.store.bodies.remove([]);
    expect(await get("a", "b", "c")).toEqual({ b: "b" });
  });

  if (openAnother) {
    it("shows others what is kept", async () => {
      await put("a", Buffer.from("a"));
      expect([...(await (await fixture.another()).bodies.get(["a"])).keys()]).toEqual(["a"]);
    });
  }
}
