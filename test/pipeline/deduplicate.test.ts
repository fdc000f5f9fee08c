import { describe, expect, jest, test } from "@jest/globals";
import type { WebhooksOptions } from "hookwright";
import { github } from "hookwright/receivers/github";
import { standardWebhooks } from "hookwright/receivers/standard-webhooks";
import { controllableClock, deliver, memoryStore, signRequest } from "hookwright/testing";
import { queueStep, step } from "../support/handlers.ts";
import { harness, secret, signedPush } from "../support/harness.ts";
import { gate, until } from "../support/until.ts";

const on: Partial<WebhooksOptions> = { settings: { github: { deduplicate: true } } };

/** Webhooks whose one handler counts its runs and may do more. */
function counted(run: (count: number) => void | Promise<void> = () => {}, options: Partial<WebhooksOptions> = on) {
  let runs = 0;
  const parts = harness({ handlers: [step(() => run(++runs))], secrets: { github: { default: secret, acme: secret } }, ...options });
  return { ...parts, runs: () => runs };
}

describe("a delivery id seen before", () => {
  test("is answered 2xx and runs nothing", async () => {
    const { push, runs, webhooks } = counted();
    expect([(await push({ deliveryId: "d-1" })).status, (await push({ deliveryId: "d-1" })).status]).toEqual([200, 200]);
    expect(runs()).toBe(1);
    expect(webhooks.counts()).toMatchObject({ handled: 1, duplicates: 1 });
  });

  test("under another id of the receiver runs", async () => {
    const { push, runs } = counted();
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1", path: "/acme" });
    expect(runs()).toBe(2);
  });

  test("under another receiver runs", async () => {
    let runs = 0;
    const { webhooks } = harness({
      receivers: [github, standardWebhooks],
      handlers: [step(() => void runs++)],
      secrets: { github: secret, "standard-webhooks": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" },
      settings: { github: { deduplicate: true }, "standard-webhooks": { deduplicate: true } },
    });
    await deliver(webhooks, signedPush({ deliveryId: "d-1" }));
    await deliver(
      webhooks,
      signRequest(standardWebhooks, { secret: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", deliveryId: "d-1", body: {} }),
    );
    expect(runs).toBe(2);
  });

  test("with another body is not run, and is one warning", async () => {
    const { push, runs, log } = counted();
    await push({ deliveryId: "d-1", body: { a: 1 } });
    expect((await push({ deliveryId: "d-1", body: { a: 2 } })).status).toBe(200);
    expect(runs()).toBe(1);
    expect(log.complaints.map(({ level, fields }) => [level, fields["code"], fields["deliveryId"]])).toEqual([
      ["warn", "delivery_conflict", "d-1"],
    ]);
  });

  test("is forgotten after the time that is set", async () => {
    const clock = controllableClock();
    const { push, runs } = counted(undefined, { ...on, clock, store: memoryStore({ clock }), rememberMs: 60_000 });
    await push({ deliveryId: "d-1" });
    await clock.advance(59_000);
    await push({ deliveryId: "d-1" });
    await clock.advance(1_001);
    await push({ deliveryId: "d-1" });
    expect(runs()).toBe(2);
  });

  test("signed anew is a duplicate: the signature's text is no key", async () => {
    const older = "not-a-secret-but-long-enough-0008";
    const { push, runs } = counted(undefined, { ...on, secrets: { github: [secret, older] } });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1", secret: older });
    expect(runs()).toBe(1);
  });

  test("is answered as the receiver answers by default", async () => {
    const { webhooks } = harness({
      receivers: [{ ...github, respond: { status: 204, headers: { "x-a": "b" } } }],
      handlers: [step(() => {})],
      ...on,
    });
    await deliver(webhooks, signedPush({ deliveryId: "d-1" }));
    expect(await deliver(webhooks, signedPush({ deliveryId: "d-1" }))).toMatchObject({ status: 204, headers: { "x-a": "b" } });
  });
});

describe("two copies at once", () => {
  test("run once, and both are answered 2xx", async () => {
    const first = gate();
    const { push, runs } = counted(() => first.opened);
    const answers = [push({ deliveryId: "d-1" }), push({ deliveryId: "d-1" }), push({ deliveryId: "d-1" })];
    await until(() => runs() === 1);
    first.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(runs()).toBe(1);
  });

  test("of which the first fails: the second runs", async () => {
    const first = gate();
    const { push, runs } = counted(async (count) => {
      if (count > 1) return;
      await first.opened;
      throw new Error("x");
    });
    const answers = [push({ deliveryId: "d-1" }), push({ deliveryId: "d-1" })];
    await until(() => runs() === 1);
    first.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([500, 200]);
    expect(runs()).toBe(2);
  });

  test("of which the first outlasts the wait: the second is answered 503 with Retry-After", async () => {
    const first = gate();
    const { push } = counted(() => first.opened, { ...on, limits: { duplicateWaitMs: 20 } });
    const one = push({ deliveryId: "d-1" });
    expect(await push({ deliveryId: "d-1" })).toMatchObject({
      status: 503,
      headers: { "retry-after": expect.any(String) },
      body: '{"error":"delivery_running"}',
    });
    first.open();
    expect((await one).status).toBe(200);
  });

  test("in two processes on one store run once", async () => {
    const store = memoryStore();
    const first = gate();
    let runs = 0;
    const options = {
      ...on,
      store,
      handlers: [
        step(async () => {
          runs++;
          await first.opened;
        }),
      ],
    };
    const [a, b] = [harness(options), harness(options)];
    const answers = [a.push({ deliveryId: "d-1" }), b.push({ deliveryId: "d-1" })];
    await until(() => runs === 1);
    first.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(runs).toBe(1);
  });

  test("of different deliveries do not wait for each other", async () => {
    const first = gate();
    const { push } = counted((count) => (count === 1 ? first.opened : undefined));
    const slow = push({ deliveryId: "d-1" });
    expect((await push({ deliveryId: "d-2" })).status).toBe(200);
    first.open();
    await slow;
  });
});

describe("a first run", () => {
  test("that failed may be retried", async () => {
    const { push, runs } = counted((count) => {
      if (count === 1) throw new Error("x");
    });
    expect([(await push({ deliveryId: "d-1" })).status, (await push({ deliveryId: "d-1" })).status]).toEqual([500, 200]);
    expect(runs()).toBe(2);
  });

  test("that a handler answered with 4xx or 5xx may be retried", async () => {
    let runs = 0;
    const { push } = harness({
      ...on,
      handlers: [
        step((context) => {
          runs++;
          context.response = { status: 429 };
        }),
      ],
    });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    expect(runs).toBe(2);
  });

  test("whose proof failed is not remembered", async () => {
    const { push, runs } = counted();
    await push({ deliveryId: "d-1", secret: "not-a-secret-but-long-enough-0007" });
    expect((await push({ deliveryId: "d-1" })).status).toBe(200);
    expect(runs()).toBe(1);
  });
});

describe("what a delivery is known by", () => {
  const withoutId = (body: object) => {
    const { headers, ...rest } = signedPush({ body });
    const { "x-github-delivery": _id, ...others } = headers;
    return { ...rest, headers: others };
  };

  test("is its content where the header with the id was left out", async () => {
    const { webhooks, runs } = counted();
    await deliver(webhooks, withoutId({ a: 1 }));
    await deliver(webhooks, withoutId({ a: 1 }));
    await deliver(webhooks, withoutId({ a: 2 }));
    expect(runs()).toBe(2);
  });

  test("is bounded, however long the id", async () => {
    const store = memoryStore();
    const claim = jest.spyOn(store, "claimDelivery");
    const { push, runs } = counted(undefined, { ...on, store });
    const deliveryId = "d".repeat(5_000);
    await push({ deliveryId });
    await push({ deliveryId });
    expect(runs()).toBe(1);
    expect(claim.mock.calls[0]?.[0].deliveryId.length).toBeLessThan(200);
  });

  test("may be a function of one's own", async () => {
    const { push, runs } = counted(undefined, { settings: { github: { deduplicate: ({ data }) => (data as { key: string }).key } } });
    await push({ body: { key: "a" } });
    await push({ body: { key: "a", more: 1 } });
    await push({ body: { key: "b" } });
    expect(runs()).toBe(2);
  });

  test("may be nothing, by a function that says so", async () => {
    const { push, runs } = counted(undefined, { settings: { github: { deduplicate: () => undefined } } });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    expect(runs()).toBe(2);
  });
});

describe("by default", () => {
  test("a delivery that a queue handler takes is deduplicated", async () => {
    const { push, queue } = harness({ handlers: [queueStep()] });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    expect((await queue.list({ state: "open" })).total).toBe(1);
  });

  test("a delivery that no queue handler takes is not", async () => {
    const { push, runs } = counted(undefined, {});
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    expect(runs()).toBe(2);
  });

  test("`deduplicate: false` turns it off", async () => {
    const { push, queue } = harness({ handlers: [queueStep()], settings: { github: { deduplicate: false } } });
    await push({ deliveryId: "d-1" });
    await push({ deliveryId: "d-1" });
    expect((await queue.list({ state: "open" })).total).toBe(2);
  });
});

describe("a store that", () => {
  const waysToFail: [string, () => Promise<never>][] = [
    ["rejects", () => Promise.reject(new Error("disk full"))],
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["hangs", () => new Promise<never>(() => {})],
  ];

  function failing(method: "claimDelivery" | "completeDelivery" | "releaseDelivery", how: () => Promise<never>) {
    const store = memoryStore();
    jest.spyOn(store, method).mockImplementation(how);
    return store;
  }

  test.each(waysToFail)("%s is answered 503 with Retry-After, and nothing runs", async (_what, how) => {
    const { push, runs } = counted(undefined, { ...on, store: failing("claimDelivery", how), limits: { duplicateWaitMs: 20 } });
    expect(await push()).toMatchObject({
      status: 503,
      headers: { "retry-after": expect.any(String) },
      body: '{"error":"store_unavailable"}',
    });
    expect(runs()).toBe(0);
  });

  test.each(waysToFail)("%s when the run is recorded does not change the answer", async (_what, how) => {
    const { push, log } = counted(undefined, { ...on, store: failing("completeDelivery", how), limits: { duplicateWaitMs: 20 } });
    expect((await push()).status).toBe(200);
    await until(() => log.complaints.length === 1);
  });

  test("fails once is asked again for the next copy", async () => {
    const store = memoryStore();
    jest.spyOn(store, "claimDelivery").mockRejectedValueOnce(new Error("busy"));
    const { push, runs } = counted(undefined, { ...on, store });
    expect([(await push({ deliveryId: "d-1" })).status, (await push({ deliveryId: "d-1" })).status]).toEqual([503, 200]);
    expect(runs()).toBe(1);
  });

  test("fails is one log line with the delivery and the cause", async () => {
    const { push, log } = counted(undefined, {
      ...on,
      store: failing("claimDelivery", async () => {
        throw new Error("disk full");
      }),
    });
    await push({ deliveryId: "d-1" });
    expect(log.complaints.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code: "store_unavailable", deliveryId: "d-1", error: "Error: disk full" }),
    ]);
  });
});

describe("a store that answers a claim when nobody waits for it any more", () => {
  test("gets the claim back, so that the next copy runs", async () => {
    const store = memoryStore();
    const slow = gate();
    let isSlow = true;
    const claimDelivery: typeof store.claimDelivery = async (...of) => {
      const claim = await store.claimDelivery(...of);
      if (isSlow) await slow.opened;
      return claim;
    };
    const releases: unknown[] = [];
    const releaseDelivery: typeof store.releaseDelivery = async (...of) => {
      await store.releaseDelivery(...of);
      releases.push(of);
    };
    const given = Object.create(store, {
      claimDelivery: { value: claimDelivery },
      releaseDelivery: { value: releaseDelivery },
      close: { value: () => store.close() },
    }) as typeof store;
    const { push, runs } = counted(undefined, { ...on, store: given, limits: { duplicateWaitMs: 50 } });
    expect((await push({ deliveryId: "d-1" })).status).toBe(503);
    isSlow = false;
    slow.open();
    await until(() => releases.length === 1);
    expect((await push({ deliveryId: "d-1" })).status).toBe(200);
    expect(runs()).toBe(1);
  });
});
