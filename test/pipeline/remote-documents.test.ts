import { describe, expect, test } from "@jest/globals";
import { createRemoteDocuments, type RemoteDocumentsOptions } from "../../src/pipeline/remote-documents.ts";
import type { RemoteAnswer, RemoteDocument, RemoteRequest } from "../../src/receiver/remote.ts";
import { controllableClock } from "../../src/testing/clock.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { gate } from "../support/until.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** A cache in front of a provider whose answers a test decides. Documents are texts: the number of the fetch that brought them. */
function setUp(options: Partial<RemoteDocumentsOptions> = {}) {
  const clock = controllableClock();
  const log = new RecordingLogger();
  const asked: RemoteRequest[] = [];
  const provider = {
    answer: async (): Promise<string> => `version ${asked.length}`,
    fails: (cause: unknown = new Error("unreachable")) => {
      provider.answer = () => Promise.reject(cause);
    },
    recovers: () => {
      provider.answer = async () => `version ${asked.length}`;
    },
  };
  const fetch = async (request: RemoteRequest): Promise<RemoteAnswer> => {
    asked.push(request);
    return { headers: {}, body: Buffer.from(await provider.answer()) };
  };
  const documents = createRemoteDocuments({ fetch, clock, logger: log, ...options });
  const load = (document: Partial<RemoteDocument<string>> = {}) => documents.load({ ...keys, ...document });
  const codeOf = (document: Partial<RemoteDocument<string>> = {}) =>
    load(document).then(
      (text) => text,
      (error) => error.code,
    );
  return { clock, log, asked, provider, load, codeOf };
}

const keys: RemoteDocument<string> = { url: "https://keys.example.com/keys", parse: ({ body }) => body.toString() };
const insufficient = { suffices: () => false };
const at = (number: number) => ({ url: `https://keys.example.com/${number}` });

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
