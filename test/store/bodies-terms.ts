import { expect, it } from "@jest/globals";
import type { Fixture } from "./fixture.ts";

/** Checks that bodies which nobody removes are removed when their terms are over, and terms run only while somebody counts. */
export function describeBodyTerms(fixture: Fixture): void {
  const { leaseMs: termMs, longMs } = fixture;
  const bodies = () => fixture.store.bodies;
  const put = (id: string, keepMs?: number) => bodies().put(id, Buffer.from(id), keepMs === undefined ? undefined : { keepMs });
  const count = (atMostMs = longMs, keepMs = longMs) => bodies().count({ keepMs, atMostMs });
  const sweep = (limit = 100) => bodies().sweep({ limit });
  const there = async (...ids: string[]) => [...(await bodies().get(ids)).keys()].sort();
  /** Lets the term of everything that has the short one run out. */
  const pass = async () => {
    for (let times = 0; times < 2; times++) {
      await fixture.pass(termMs);
      await count();
    }
  };

  it("removes a body whose term is over, and no other", async () => {
    await count();
    await put("short", termMs);
    await put("long", longMs);
    expect(await sweep()).toBe(0);
    await pass();
    expect(await sweep()).toBe(1);
    expect(await there("short", "long")).toEqual(["long"]);
  });

  it("ends no term while nobody counts", async () => {
    await count();
    await put("a", termMs);
    await fixture.pass(2 * termMs);
    expect(await sweep()).toBe(0);
    await count(1);
    expect(await sweep()).toBe(0);
    expect(await there("a")).toEqual(["a"]);
  });

  it("keeps a body for longer when it is wanted with a term, and not without", async () => {
    await count();
    await put("wanted", termMs);
    await put("looked at", termMs);
    await put("kept", termMs);
    await bodies().get(["wanted", "unknown"], { keepMs: longMs });
    await bodies().get(["looked at"]);
    await bodies().keep(["kept", "kept", "unknown"], { keepMs: longMs });
    await pass();
    expect(await sweep()).toBe(1);
    expect(await there("wanted", "looked at", "kept")).toEqual(["kept", "wanted"]);
  });

  it("shortens no term", async () => {
    await count();
    await put("a", longMs);
    await bodies().keep(["a"], { keepMs: 1 });
    await bodies().get(["a"], { keepMs: 1 });
    await pass();
    expect(await sweep()).toBe(0);
  });

  it("gives a body without a term one at the next count", async () => {
    await count();
    await put("a");
    await put("b");
    await fixture.pass(2 * termMs);
    expect(await sweep()).toBe(0);
    await bodies().keep(["b"], { keepMs: longMs });
    await count(longMs, termMs);
    expect(await sweep()).toBe(0);
    await pass();
    expect(await sweep()).toBe(1);
    expect(await there("a", "b")).toEqual(["b"]);
  });

  it("removes no more than asked for at once", async () => {
    await count();
    for (const id of ["a", "b", "c"]) await put(id, termMs);
    await pass();
    expect([await sweep(2), await sweep(2), await sweep(2)]).toEqual([2, 1, 0]);
  });

  it("tells how long the shortest term still is", async () => {
    expect(await count()).toBeUndefined();
    await put("long", 3 * longMs);
    expect(await count()).toBeGreaterThan(longMs * 2);
    await put("short", longMs);
    const left = (await count()) ?? 0;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1.25 * longMs);
    await put("over", termMs);
    await pass();
    expect(await count()).toBeLessThanOrEqual(0);
  });
}
