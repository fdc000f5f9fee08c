import { expect, it } from "@jest/globals";
import type { Fixture } from "./fixture.ts";
import { anyBytes, deadLetter, everyByte, ids, oddText } from "./values.ts";

/** Checks that dead letters are kept, listed and removed. */
export function describeDeadLetters(fixture: Fixture): void {
  const add = async (...names: string[]) => {
    for (const id of names) await fixture.store.deadLetters.add(deadLetter(id));
  };
  const list = (limit = 100, after?: string) => fixture.store.deadLetters.list({ limit, ...(after === undefined ? {} : { after }) });

  it("keeps a letter with all that it says", async () => {
    const letter = deadLetter(oddText, {
      head: oddText,
      body: everyByte,
      group: oddText,
      dueAt: new Date("2026-03-04T05:06:07.891Z"),
      ordering: { key: oddText, afterDead: "wait" },
      reason: oddText,
    });
    await fixture.store.deadLetters.add(letter);
    const [found, ...others] = await fixture.store.deadLetters.get([oddText, "unknown", oddText]);
    expect(others).toEqual([]);
    expect({ ...found, body: [...found!.body] }).toEqual({ ...letter, body: [...letter.body] });
    expect((await list()).letters.map(({ body, ...rest }) => ({ ...rest, body: [...body] }))).toEqual([
      { ...letter, body: [...letter.body] },
    ]);
  });

  it("keeps a body of 1 MiB, and an empty one", async () => {
    const body = anyBytes(1024 * 1024);
    await fixture.store.deadLetters.add(deadLetter("a", { body }));
    await fixture.store.deadLetters.add(deadLetter("b", { body: new Uint8Array() }));
    const letters = await fixture.store.deadLetters.get(["a", "b"]);
    expect(letters.map((each) => each.body.byteLength)).toEqual([body.byteLength, 0]);
    expect(Buffer.compare(letters[0]!.body, body)).toBe(0);
  });

  it("lists in pages, oldest first, and counts", async () => {
    await add("e", "d", "c", "b", "a");
    const first = await list(2);
    const second = await list(2, first.next);
    const third = await list(2, second.next);
    expect([first, second, third].map(({ letters }) => ids(letters))).toEqual([["e", "d"], ["c", "b"], ["a"]]);
    expect([first.total, third.next]).toEqual([5, undefined]);
    expect(await list(0)).toEqual({ letters: [], total: 5 });
  });

  it("replaces a letter of the same id", async () => {
    await add("a", "b");
    await fixture.store.deadLetters.add(deadLetter("a", { reason: "again", attempts: 9, body: Buffer.from("new") }));
    const { letters, total } = await list();
    expect(total).toBe(2);
    expect(letters.find(({ id }) => id === "a")).toMatchObject({ reason: "again", attempts: 9 });
    expect(Buffer.from(letters.find(({ id }) => id === "a")!.body).toString()).toBe("new");
  });

  it("removes some or all, and says how many there were", async () => {
    await add("a", "b", "c", "d");
    expect(await fixture.store.deadLetters.remove(["a", "unknown", "a"])).toBe(1);
    expect(await fixture.store.deadLetters.remove([])).toBe(0);
    expect(ids((await list()).letters)).toEqual(["b", "c", "d"]);
    expect(await fixture.store.deadLetters.remove("all")).toBe(3);
    expect(await list()).toEqual({ letters: [], total: 0 });
  });

  it("forgets a letter, and not a later one with its id", async () => {
    await add("a", "b");
    const [first] = (await list()).letters;
    await fixture.store.deadLetters.add(deadLetter("a", { deadAt: new Date((first?.deadAt.getTime() ?? 0) + 1) }));
    await fixture.store.deadLetters.forget([first!, ...(await fixture.store.deadLetters.get(["b"]))]);
    expect(ids((await list()).letters)).toEqual(["a"]);
    await fixture.store.deadLetters.forget((await list()).letters);
    expect(await list()).toEqual({ letters: [], total: 0 });
  });
}
