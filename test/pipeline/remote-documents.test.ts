import { describe, expect, test } from "@jest/globals";
import { controllableClock } from "../../src/testing/clock.ts";
import { at, hour, insufficient, minute, second, setUp } from "../support/remote-documents.ts";
import { gate } from "../support/until.ts";

describe("a document", () => {
  test("is fetched as its request says, and parsed", async () => {
    const { load, asked } = setUp();
    const request = { url: "https://keys.example.com/verify", method: "POST", headers: { accept: "text/plain" }, body: "x" } as const;
    expect(await load({ ...request, parse: async ({ body }) => body.toString().toUpperCase() })).toBe("VERSION 1");
    expect(asked).toEqual([expect.objectContaining(request)]);
  });

  test("serves for ten minutes without another fetch", async () => {
    const { load, asked, clock } = setUp();
    await load();
    await clock.advance(10 * minute - 1);
    expect([await load(), asked.length]).toEqual(["version 1", 1]);
  });

  test("is fetched anew after ten minutes, and then serves for ten more", async () => {
    const { load, asked, clock } = setUp();
    await load();
    await clock.advance(10 * minute);
    expect(await load()).toBe("version 2");
    await clock.advance(10 * minute - 1);
    expect([await load(), asked.length]).toEqual(["version 2", 2]);
  });

  test("is known by its URL, or by its key where it has one", async () => {
    const { load } = setUp();
    expect(await load()).toBe("version 1");
    expect(await load(at(2))).toBe("version 2");
    expect(await load({ cacheKey: "a" })).toBe("version 3");
    expect(await load({ cacheKey: "b" })).toBe("version 4");
    expect(await load({ cacheKey: "a", ...at(3) })).toBe("version 3");
    expect(await load()).toBe("version 1");
  });

  test("is fetched anew when the clock has been set back before the time of its fetch", async () => {
    let now = new Date("2026-01-02T00:00:00Z");
    const { load } = setUp({ clock: { ...controllableClock(), now: () => now } });
    await load();
    now = new Date("2026-01-01T00:00:00Z");
    expect(await load()).toBe("version 2");
    expect(await load()).toBe("version 2");
  });
});

describe("a document that does not suffice", () => {
  test("is fetched anew once, however often it is asked for", async () => {
    const { load, asked } = setUp();
    await load();
    for (let time = 0; time < 1_000; time++) expect(await load(insufficient)).toBe("version 2");
    expect(asked).toHaveLength(2);
  });

  test("is fetched anew once where all ask at once", async () => {
    const { load, asked } = setUp();
    await load();
    await Promise.all(Array.from({ length: 1_000 }, () => load(insufficient)));
    expect(asked).toHaveLength(2);
  });

  test("is fetched anew once in 30 seconds", async () => {
    const { load, asked, clock } = setUp();
    await load();
    await load(insufficient);
    await clock.advance(30 * second - 1);
    await load(insufficient);
    expect(asked).toHaveLength(2);
    await clock.advance(1);
    expect([await load(insufficient), asked.length]).toEqual(["version 3", 3]);
  });

  test("is returned all the same after it has been fetched for the first time", async () => {
    const { load, asked } = setUp();
    expect([await load(insufficient), asked.length]).toEqual(["version 1", 1]);
  });

  test("suffices again once the provider's new one does", async () => {
    const { load, asked } = setUp();
    await load();
    const rotated = { suffices: (text: string) => text === "version 2" };
    expect(await load(rotated)).toBe("version 2");
    expect([await load(rotated), asked.length]).toEqual(["version 2", 2]);
  });

  test("does not make that of another URL be fetched", async () => {
    const { load } = setUp();
    await load();
    await load(at(2));
    await load(insufficient);
    expect(await load(at(2))).toBe("version 2");
  });

  test("delays no refetch that is due by age, once 30 seconds have passed", async () => {
    const { load, clock } = setUp();
    await load();
    await load(insufficient);
    await clock.advance(10 * minute);
    expect(await load()).toBe("version 3");
  });
});

describe("loads of one document at once", () => {
  test("share one fetch", async () => {
    const { load, asked, provider } = setUp();
    const { opened, open } = gate();
    provider.answer = async () => {
      await opened;
      return "shared";
    };
    const loads = Array.from({ length: 100 }, () => load());
    open();
    expect(new Set(await Promise.all(loads))).toEqual(new Set(["shared"]));
    expect(asked).toHaveLength(1);
  });

  test("share its failure", async () => {
    const { codeOf, asked, provider } = setUp();
    provider.fails();
    expect(new Set(await Promise.all(Array.from({ length: 100 }, () => codeOf())))).toEqual(new Set(["keys_unavailable"]));
    expect(asked).toHaveLength(1);
  });

  test("of different ones do not wait for each other", async () => {
    const { load, provider } = setUp();
    const { opened, open } = gate();
    provider.answer = async () => {
      await opened;
      return "late";
    };
    const first = load();
    provider.recovers();
    expect(await load(at(2))).toBe("version 2");
    open();
    expect(await first).toBe("late");
  });
});

describe("a refetch that fails", () => {
  test("lets the stale document serve until 24 hours after its fetch", async () => {
    const { load, codeOf, clock, provider } = setUp();
    await load();
    provider.fails();
    await clock.advance(10 * minute);
    expect(await load()).toBe("version 1");
    await clock.advance(24 * hour - 10 * minute - 1);
    expect(await load()).toBe("version 1");
    await clock.advance(1);
    expect(await codeOf()).toBe("keys_unavailable");
  });

  test("is tried again after 30 seconds and not before", async () => {
    const { load, asked, clock, provider } = setUp();
    await load();
    provider.fails();
    await clock.advance(10 * minute);
    for (let time = 0; time < 1_000; time++) await load();
    expect(asked).toHaveLength(2);
    await clock.advance(30 * second - 1);
    await load();
    expect(asked).toHaveLength(2);
    await clock.advance(1);
    provider.recovers();
    expect([await load(), asked.length]).toEqual(["version 3", 3]);
  });

  test("because of an unknown key leaves the document as it is, for 30 seconds without another try", async () => {
    const { load, asked, provider } = setUp();
    await load();
    provider.fails();
    for (let time = 0; time < 1_000; time++) expect(await load(insufficient)).toBe("version 1");
    expect([await load(), asked.length]).toEqual(["version 1", 2]);
  });

  test("is one whose answer does not parse", async () => {
    const { load, clock } = setUp();
    await load();
    await clock.advance(10 * minute);
    const broken = {
      parse: () => {
        throw new Error("not a key set");
      },
    };
    expect(await load(broken)).toBe("version 1");
  });

  test("is logged once, without path and query", async () => {
    const { load, log, clock, provider } = setUp();
    const document = { url: "https://keys.example.com/canary?canary" };
    await load(document);
    provider.fails();
    await clock.advance(10 * minute);
    for (let time = 0; time < 10; time++) await load(document);
    expect(log.lines).toEqual([
      expect.objectContaining({ level: "warn", fields: { host: "keys.example.com", error: "Error: unreachable" } }),
    ]);
    expect(JSON.stringify(log.lines)).not.toContain("canary");
  });
});

describe("a document that has never been fetched", () => {
  test("is unavailable, with the cause and when to come again", async () => {
    const { load, provider } = setUp();
    const cause = new Error("unreachable");
    provider.fails(cause);
    await expect(load({ url: "https://keys.example.com/canary?canary" })).rejects.toMatchObject({
      name: "ApplicationError",
      code: "keys_unavailable",
      status: 503,
      headers: { "retry-after": "5" },
      message: expect.not.stringContaining("canary"),
      cause,
    });
  });

  test.each([
    ["throws", () => Promise.reject(new Error("not a key set"))],
    [
      "throws at once",
      () => {
        throw new Error("not a key set");
      },
    ],
  ])("is unavailable where its parser %s", async (_how, parse) => {
    expect(await setUp().codeOf({ parse })).toBe("keys_unavailable");
  });

  test("is unavailable where the fetch itself throws at once, or the URL is none", async () => {
    const fetch = () => {
      throw new Error("at once");
    };
    expect(await setUp({ fetch }).codeOf({ url: "no URL" })).toBe("keys_unavailable");
  });

  test("is not asked for again within five seconds", async () => {
    const { load, codeOf, asked, clock, provider } = setUp();
    const cause = new Error("unreachable");
    provider.fails(cause);
    for (let time = 0; time < 1_000; time++) expect(await codeOf()).toBe("keys_unavailable");
    await clock.advance(5 * second - 1);
    await expect(load()).rejects.toMatchObject({ status: 503, cause });
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    provider.recovers();
    expect([await load(), asked.length]).toEqual(["version 2", 2]);
  });

  test("does not stand in the way of another", async () => {
    const { load, codeOf, provider } = setUp();
    provider.fails();
    await codeOf();
    provider.recovers();
    expect(await load(at(2))).toBe("version 2");
  });
});
