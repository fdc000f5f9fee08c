import { describe, expect, test } from "@jest/globals";
import { gone, type HandlerOptions, text } from "hookwright";
import { genericJson } from "hookwright/receivers/generic-json";
import { github } from "hookwright/receivers/github";
import { deliver, signRequest } from "hookwright/testing";
import { step } from "../support/handlers.ts";
import { harness, secret } from "../support/harness.ts";

/** The names of the handlers that ran for one push. */
async function ranOf(
  options: readonly HandlerOptions[],
  request: Parameters<ReturnType<typeof harness>["push"]>[0] = {},
): Promise<readonly string[]> {
  const ran: string[] = [];
  const handlers = options.map((one) => step(() => void ran.push(one.name ?? "?"), one));
  await harness({ handlers, secrets: { github: { default: secret, acme: secret } } }).push(request);
  return ran;
}

async function runs(options: HandlerOptions, request: Parameters<ReturnType<typeof harness>["push"]>[0] = {}): Promise<boolean> {
  return (await ranOf([{ ...options, name: "one" }], request)).length === 1;
}

describe("order", () => {
  test("handlers run from the lowest order to the highest, extremes included", async () => {
    const orders = [100, 20, 50, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -1, 0];
    const ran = await ranOf(orders.map((order) => ({ order, name: String(order) })));
    expect(ran.map(Number)).toEqual([...orders].sort((a, b) => a - b));
  });

  test("handlers of equal order keep the order of the list", async () => {
    expect(await ranOf(["c", "a", "b"].map((name) => ({ name, order: 7 })))).toEqual(["c", "a", "b"]);
  });

  test("the default order is 50", async () => {
    expect(await ranOf([{ name: "late", order: 51 }, { name: "default" }, { name: "early", order: 49 }])).toEqual([
      "early",
      "default",
      "late",
    ]);
  });

  test("of orders 10, 20, 30 that answers, and 40, the last does not run", async () => {
    const ran: number[] = [];
    const handlers = [40, 30, 20, 10].map((order) =>
      step(
        (context) => {
          ran.push(order);
          if (order === 30) context.response = text("thirty", { status: 202 });
        },
        { order },
      ),
    );
    expect(await harness({ handlers }).push()).toMatchObject({ status: 202, body: "thirty" });
    expect(ran).toEqual([10, 20, 30]);
  });
});

describe("the receiver filter", () => {
  test.each([
    ["its name", "github", true],
    ["its name in another case", "GITHUB", true],
    ["the receiver itself", github, true],
    ["a star", "*", true],
    ["a list that holds it", ["stripe", github], true],
    ["another receiver", "stripe", false],
    ["a list without it", ["stripe", "slack"], false],
    ["a name that begins like it", "github-enterprise", false],
  ])("%s: %p", async (_what, receiver, expected) => {
    expect(await runs({ receiver })).toBe(expected);
  });
});

describe("the id filter", () => {
  test.each([
    ["the id of a URL without one", "default", "", true],
    ["an id in another case", "ACME", "/acme", true],
    ["a URL in another case", "acme", "/Acme", true],
    ["a star", "*", "/acme", true],
    ["a list that holds it", ["x", "acme"], "/acme", true],
    ["another id", "other", "/acme", false],
    ["an id, for a URL without one", "acme", "", false],
  ])("%s", async (_what, id, path, expected) => {
    expect(await runs({ id }, { path })).toBe(expected);
  });
});

describe("the events filter", () => {
  const opened = { event: "issues", body: { action: "opened" } };
  test.each([
    ["an exact name", "issues.opened", true],
    ["another case", "Issues.OPENED", true],
    ["a star", "*", true],
    ["a name and `.*`", "issues.*", true],
    ["one of several", ["push", "issues.opened"], true],
    ["another name", "push", false],
    ["a prefix that is no whole part", "iss.*", false],
    ["a longer name", "issues.opened.twice", false],
  ])("%s", async (_what, events, expected) => {
    expect(await runs({ events }, opened)).toBe(expected);
  });

  test("`a.*` does not match `a` itself", async () => {
    expect(await runs({ events: "push.*" })).toBe(false);
  });

  test("a trailing `.*` matches every depth below", async () => {
    const ran: string[] = [];
    const { webhooks } = harness({
      receivers: [genericJson],
      secrets: { "generic-json": secret },
      handlers: [step(() => void ran.push("ran"), { events: "a.*" })],
    });
    await deliver(webhooks, signRequest(genericJson, { secret, event: "a.b.c", body: {} }));
    expect(ran).toEqual(["ran"]);
  });

  test("an event of a hundred thousand characters does not make matching explode", async () => {
    const { webhooks } = harness({
      receivers: [genericJson],
      secrets: { "generic-json": secret },
      handlers: [step(() => {}, { events: ["aaaa.*", "b.*"] })],
    });
    const request = signRequest(genericJson, { secret, event: `${"a".repeat(100_000)}!`, body: {} });
    const start = performance.now();
    await deliver(webhooks, request);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("plans", () => {
  test("filters are not asked again for a delivery of the same kind", async () => {
    let asked = 0;
    const watched = step(() => {}, { events: "push" });
    const { push } = harness({ handlers: [watched] });
    await push();
    const { toLowerCase } = String.prototype;
    String.prototype.toLowerCase = function counted() {
      if (String(this) === "push") asked++;
      return toLowerCase.call(this);
    };
    try {
      await push();
    } finally {
      String.prototype.toLowerCase = toLowerCase;
    }
    expect(asked).toBe(0);
  });

  test("an event that contains a line break is not taken for two events", async () => {
    const ran: string[] = [];
    const { webhooks } = harness({
      receivers: [genericJson],
      secrets: { "generic-json": secret },
      handlers: [step(() => void ran.push("delete"), { events: "delete" })],
    });
    const url = "https://example.test/api/webhooks/incoming/generic-json";
    await deliver(webhooks, signRequest(genericJson, { secret, body: {}, url: `${url}?event=push&event=delete` }));
    await deliver(webhooks, signRequest(genericJson, { secret, body: {}, url: `${url}?event=push%0Adelete` }));
    expect(ran).toEqual(["delete"]);
  });

  test("ids from a source of secrets and events cannot be confused", async () => {
    const ran: string[] = [];
    const { push } = harness({ handlers: [step((context) => void ran.push(context.id), { id: "x" })], secrets: { github: () => secret } });
    await push({ path: "/x", event: "push" });
    await push({ path: "/x%0Apush", event: "push" });
    expect(ran).toEqual(["x"]);
  });

  test("many kinds of event do not exhaust the memory of plans", async () => {
    const { push, webhooks } = harness({ handlers: [step((context) => void (context.response = gone()))] });
    for (let i = 0; i < 50; i++) await push({ event: `event-${i}` });
    expect(webhooks.counts().handled).toBe(50);
  });
});
