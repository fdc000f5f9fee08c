import { describe, expect, test } from "@jest/globals";
import { ApplicationError, ConfigurationError, RejectDelivery, RequestError, WebhookError } from "hookwright";
import { errorCodes } from "../src/error-codes.ts";
import { describeError, isWebhookError, rootCauseOf } from "../src/errors.ts";

describe("WebhookError", () => {
  test("takes message and status from its code", () => {
    expect(new RequestError("too_large")).toMatchObject({ code: "too_large", status: 413, message: errorCodes.too_large.meaning });
  });

  test("keeps its message from the sender unless it is told otherwise", () => {
    expect(new ApplicationError("handler_failed").expose).toBe(false);
  });

  test("keeps its cause", () => {
    const cause = new Error("x");
    expect(new WebhookError("closed", "y", { cause }).cause).toBe(cause);
  });

  test("has no cause where none is given", () => {
    expect(Object.hasOwn(new WebhookError("closed"), "cause")).toBe(false);
  });

  test.each([RequestError, ApplicationError, ConfigurationError])("%p is one of its families", (Family) => {
    expect(new Family("closed")).toBeInstanceOf(WebhookError);
    expect(new Family("closed").name).toBe(Family.name);
  });

  test.each(Object.entries(errorCodes))(
    "the code %s has a meaning and a remedy that are sentences",
    (_code, { meaning, remedy, status }) => {
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(remedy).toMatch(/^[A-Z].*\.$/);
      expect([0, 400, 401, 403, 404, 405, 413, 415, 431, 500, 503]).toContain(status);
    },
  );
});

describe("RejectDelivery", () => {
  test.each([400, 422, 499])("takes the status %i and lets its message be read", (status) => {
    expect(new RejectDelivery(status, "no")).toMatchObject({ code: "delivery_rejected", status, expose: true, message: "no" });
  });

  test.each([200, 399, 500, 404.5, Number.NaN, "404"])("refuses the status %p", (status) => {
    expect(() => new RejectDelivery(status as number, "no")).toThrow(RangeError);
  });
});

describe("describeError()", () => {
  test.each([
    ["an Error", new TypeError("x"), "TypeError: x"],
    ["text", "x", "x"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("x"), "Symbol(x)"],
    ["an object without a prototype", Object.create(null), "a thrown value that cannot be described"],
    [
      "an object whose toString throws",
      {
        toString: () => {
          throw new Error("y");
        },
      },
      "a thrown value that cannot be described",
    ],
  ])("describes %s", (_what, thrown, expected) => {
    expect(describeError(thrown)).toBe(expected);
  });

  test("cuts long text", () => {
    expect(describeError("x".repeat(10_000))).toHaveLength(2001);
  });
});

describe("isWebhookError()", () => {
  test("survives a proxy whose traps throw", () => {
    const hostile = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("trap");
        },
      },
    );
    expect(isWebhookError(hostile)).toBe(false);
  });
});

describe("rootCauseOf()", () => {
  test("finds what was thrown below our own errors", () => {
    const root = new Error("disk full");
    const wrapped = new ApplicationError("queue_unavailable", undefined, {
      cause: new ApplicationError("queue_unavailable", undefined, { cause: root }),
    });
    expect(rootCauseOf(wrapped)).toBe(root);
  });

  test("is the error itself where nothing caused it", () => {
    const error = new WebhookError("closed");
    expect(rootCauseOf(error)).toBe(error);
  });

  test("is undefined where undefined was thrown", () => {
    expect(rootCauseOf(new ApplicationError("handler_failed", undefined, { cause: undefined }))).toBeUndefined();
  });
});
