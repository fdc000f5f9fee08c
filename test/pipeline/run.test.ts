import { describe, expect, test } from "@jest/globals";
import { ApplicationError, RejectDelivery, RequestError, text, WebhookError } from "hookwright";
import { step } from "../support/handlers.ts";
import { harness } from "../support/harness.ts";

describe("a run", () => {
  test("of no handler is answered 200 and counted as ignored", async () => {
    const { push, webhooks } = harness({ handlers: [step(() => {}, { events: "issues" })] });
    expect((await push()).status).toBe(200);
    expect(webhooks.counts()).toMatchObject({ ignored: 1, handled: 0 });
  });

  test("of handlers that set no response is answered 200 with an empty body", async () => {
    const { push, webhooks } = harness({ handlers: [step(() => {})] });
    expect(await push()).toEqual({ status: 200, headers: {}, body: "" });
    expect(webhooks.counts()).toMatchObject({ handled: 1 });
  });

  test("waits for an asynchronous handler before the next", async () => {
    const ran: string[] = [];
    const slow = step(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      ran.push("slow");
    });
    await harness({ handlers: [slow, step(() => void ran.push("next"))] }).push();
    expect(ran).toEqual(["slow", "next"]);
  });

  test("waits for any thenable", async () => {
    const ran: string[] = [];
    const thenable = {
      then: (resolve: (value: undefined) => void) => void setImmediate(() => resolve(void ran.push("slow") as undefined)),
    };
    await harness({ handlers: [step(() => thenable as unknown as Promise<void>), step(() => void ran.push("next"))] }).push();
    expect(ran).toEqual(["slow", "next"]);
  });

  test("a value that a handler returns is no response", async () => {
    expect((await harness({ handlers: [step(() => text("no") as unknown as undefined)] }).push()).body).toBe("");
  });

  test("state is shared between the handlers of one delivery and not with the next", async () => {
    const seen: unknown[] = [];
    const writer = step((context) => {
      seen.push(context.state["count"]);
      context.state["count"] = 1;
    });
    const { push } = harness({ handlers: [writer, step((context) => void seen.push(context.state["count"]))] });
    await push();
    await push();
    expect(seen).toEqual([undefined, 1, undefined, 1]);
  });

  test("a response set to null counts as none", async () => {
    const ran: string[] = [];
    await harness({ handlers: [step((context) => void (context.response = null as never)), step(() => void ran.push("next"))] }).push();
    expect(ran).toEqual(["next"]);
  });
});

describe("a handler that throws", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const hostile = Object.defineProperties(new Error("x"), {
    message: {
      get: () => {
        throw new Error("getter");
      },
    },
    name: {
      get: () => {
        throw new Error("getter");
      },
    },
  });
  const proxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error("trap");
      },
      getPrototypeOf: () => {
        throw new Error("trap");
      },
    },
  );
  const thrown: readonly (readonly [string, unknown])[] = [
    ["an Error", new Error("no such customer")],
    ["undefined", undefined],
    ["null", null],
    ["text", "boom"],
    ["a cyclic object", cyclic],
    ["an object without a prototype", Object.create(null)],
    ["an Error whose getters throw", hostile],
    ["a proxy whose traps throw", proxy],
    ["a symbol", Symbol("boom")],
  ];

  test.each(thrown)("%s is answered 500", async (_what, value) => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw value;
        }),
      ],
    });
    expect(await push()).toMatchObject({ status: 500, body: '{"error":"handler_failed"}' });
  });

  test.each(thrown)("%s is one log line with handler, delivery and code", async (_what, value) => {
    const { push, log } = harness({
      handlers: [
        step(
          async () => {
            throw value;
          },
          { name: "Billing" },
        ),
      ],
    });
    await push({ deliveryId: "d-1" });
    expect(log.complaints).toHaveLength(1);
    expect(log.complaints[0]).toMatchObject({
      level: "error",
      fields: {
        handler: "Billing",
        receiver: "github",
        id: "default",
        deliveryId: "d-1",
        events: ["push"],
        code: "handler_failed",
        status: 500,
        error: expect.any(String),
      },
    });
  });

  test("the log says what was thrown", async () => {
    const { push, log } = harness({
      handlers: [
        step(() => {
          throw new TypeError("no such customer");
        }),
      ],
    });
    await push();
    expect(log.complaints[0]?.fields["error"]).toBe("TypeError: no such customer");
  });

  test("later handlers do not run", async () => {
    const ran: string[] = [];
    await harness({
      handlers: [
        step(() => {
          throw new Error("x");
        }),
        step(() => void ran.push("later")),
      ],
    }).push();
    expect(ran).toEqual([]);
  });

  test("a response that it had set is not sent", async () => {
    const { push } = harness({
      handlers: [
        step((context) => {
          context.response = text("fine");
          throw new Error("x");
        }),
      ],
    });
    expect((await push()).status).toBe(500);
  });

  test("the thrown text is not sent", async () => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw new Error("connection string postgres://…");
        }),
      ],
    });
    expect((await push()).body).toBe('{"error":"handler_failed"}');
  });

  test("it counts as failed", async () => {
    const { push, webhooks } = harness({
      handlers: [
        step(() => {
          throw new Error("x");
        }),
      ],
    });
    await push();
    expect(webhooks.counts()).toMatchObject({ failed: 1, handled: 0, rejected: 0 });
  });
});

describe("an error with a status of its own", () => {
  test("RejectDelivery is answered with its 4xx and its message", async () => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw new RejectDelivery(422, "unknown customer");
        }),
      ],
    });
    const answer = await push();
    expect(answer.status).toBe(422);
    expect(JSON.parse(String(answer.body))).toEqual({ error: "delivery_rejected", message: "unknown customer" });
  });

  test("RejectDelivery is one log line, counted as rejected", async () => {
    const { push, webhooks, log } = harness({
      handlers: [
        step(() => {
          throw new RejectDelivery(410, "gone");
        }),
      ],
    });
    await push();
    expect(log.codes).toEqual(["delivery_rejected"]);
    expect(webhooks.counts()).toMatchObject({ rejected: 1, failed: 0 });
  });

  test("RejectDelivery from a subclass keeps its status", async () => {
    class TooEarly extends RejectDelivery {
      constructor() {
        super(425, "too early");
      }
    }
    const { push } = harness({
      handlers: [
        step(() => {
          throw new TooEarly();
        }),
      ],
    });
    expect((await push()).status).toBe(425);
  });

  test("a 503 of the application is passed on with its headers", async () => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw new ApplicationError("store_unavailable", undefined, { headers: { "retry-after": "9" } });
        }),
      ],
    });
    expect(await push()).toMatchObject({ status: 503, headers: { "retry-after": "9" } });
  });

  test("an error that has no HTTP status is answered 500", async () => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw new WebhookError("closed");
        }),
      ],
    });
    expect(await push()).toMatchObject({ status: 500, body: '{"error":"handler_failed"}' });
  });

  test("a RequestError is answered with its status", async () => {
    const { push } = harness({
      handlers: [
        step(() => {
          throw new RequestError("unsupported_media_type");
        }),
      ],
    });
    expect((await push()).status).toBe(415);
  });
});
