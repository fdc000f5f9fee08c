import { describe, expect, test } from "@jest/globals";
import { at, minute, second, setUp } from "../support/remote-documents.ts";

describe("a fetch that hangs", () => {
  const never = () => new Promise<never>(() => {});

  test("is given up after three seconds", async () => {
    const { codeOf, clock, provider } = setUp();
    provider.answer = never;
    const outcome = codeOf();
    await clock.advance(3 * second - 1);
    expect(clock.sleepers).toBe(1);
    await clock.advance(1);
    expect(await outcome).toBe("keys_unavailable");
  });

  test("lets the stale document serve", async () => {
    const { load, clock, provider } = setUp();
    await load();
    provider.answer = never;
    await clock.advance(10 * minute);
    const outcome = load();
    await clock.advance(3 * second);
    expect(await outcome).toBe("version 1");
  });

  test("includes a parser that hangs", async () => {
    const { codeOf, clock } = setUp();
    const outcome = codeOf({ parse: never });
    await clock.advance(3 * second);
    expect(await outcome).toBe("keys_unavailable");
  });

  test("does not hold up the next one", async () => {
    const { load, codeOf, clock, provider } = setUp();
    provider.answer = never;
    const outcome = codeOf();
    await clock.advance(3 * second);
    await outcome;
    await clock.advance(5 * second);
    provider.recovers();
    expect(await load()).toBe("version 2");
  });

  test("and then fails changes nothing", async () => {
    const { codeOf, load, clock, provider } = setUp();
    let fail = (_cause: Error): void => {};
    provider.answer = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const outcome = codeOf();
    await clock.advance(3 * second);
    await outcome;
    provider.recovers();
    await clock.advance(5 * second);
    await load();
    fail(new Error("late"));
    await clock.advance(0);
    expect(await load()).toBe("version 2");
  });

  test("leaves no timer behind when it ends in time", async () => {
    const { load, clock } = setUp();
    await load();
    expect(clock.sleepers).toBe(0);
  });
});

describe("what strangers name", () => {
  test("is kept in a cache of 50 documents, from which the least recently used goes", async () => {
    const { load, asked, clock } = setUp();
    for (let number = 0; number < 50; number++) await load(at(number));
    await load(at(0));
    await clock.advance(minute);
    await load(at(50));
    expect(asked).toHaveLength(51);
    await load(at(0));
    expect(asked).toHaveLength(51);
    expect(await load(at(1))).toBe("version 52");
  });

  test("costs no more than 60 fetches a minute over all URLs", async () => {
    const { codeOf, asked, clock, provider } = setUp();
    provider.fails();
    for (let number = 0; number < 10_000; number++) expect(await codeOf(at(number))).toBe("keys_unavailable");
    expect(asked).toHaveLength(60);
    await clock.advance(minute - 1);
    await codeOf(at(10_001));
    expect(asked).toHaveLength(60);
    await clock.advance(1);
    provider.recovers();
    expect([await codeOf(at(10_002)), asked.length]).toEqual(["version 61", 61]);
  });

  test("and is not there pushes out no document that is", async () => {
    const { load, codeOf, asked, clock, provider } = setUp();
    await load();
    provider.fails();
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 100; number++) await codeOf(at(round * 100 + number));
      await clock.advance(minute);
    }
    const before = asked.length;
    expect([await load(), asked.length]).toEqual(["version 1", before]);
  });

  test("lets a stale document serve while the budget is used up, and the new one be fetched afterwards", async () => {
    const { load, codeOf, clock, provider } = setUp();
    await load();
    await clock.advance(10 * minute);
    provider.fails();
    for (let number = 0; number < 100; number++) await codeOf(at(number));
    provider.answer = async () => "new";
    expect(await load()).toBe("version 1");
    await clock.advance(minute);
    expect(await load()).toBe("new");
  });

  test("beyond the budget is not remembered as a failure", async () => {
    const { load, codeOf, clock } = setUp({ maxFetchesPerMinute: 1 });
    await load();
    await clock.advance(minute - 1);
    expect(await codeOf(at(2))).toBe("keys_unavailable");
    await clock.advance(1);
    expect(await load(at(2))).toBe("version 2");
  });
});
