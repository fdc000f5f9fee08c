import { describe, expect, it } from "@jest/globals";
import {
  allowedMethods,
  defineReceiver,
  echoQuery,
  emptyAnswer,
  hmac,
  type ReceiverDefinition,
  standardWebhooks,
  token,
} from "../../src/receiver/index.ts";

const definition: ReceiverDefinition = {
  name: "example",
  title: "Example",
  docs: "https://example.test",
  verify: hmac({ header: "X-Signature" }),
  events: { header: "X-Event" },
};

describe("defineReceiver", () => {
  it("fills in the defaults and freezes the receiver", () => {
    const receiver = defineReceiver(definition);
    expect(receiver).toMatchObject({
      body: { kinds: ["json"] },
      eventRequired: true,
      handshakes: [],
      methods: ["POST"],
      secretBytes: { min: 16, max: 4096 },
      signs: "wire",
      respond: { status: 200 },
    });
    expect(Object.isFrozen(receiver)).toBe(true);
  });

  it.each([
    { name: "Upper" },
    { name: "" },
    { name: "-dash" },
    { name: "a/b" },
    { name: "a".repeat(64) },
    { name: undefined },
    { verify: undefined },
    { verify: {} },
    { events: undefined },
    { secretBytes: { min: 0 } },
    { secretBytes: { min: 10, max: 9 } },
    { secretBytes: { max: 15 } },
  ])("refuses %j", (fault) => {
    expect(() => defineReceiver({ ...definition, ...fault } as ReceiverDefinition)).toThrow(
      expect.objectContaining({ code: "invalid_receiver" }),
    );
  });

  it("lets no header of the proof be logged, unless the event or the id stands in it", () => {
    const { safeHeaders } = defineReceiver({ ...definition, deliveryId: { header: "X-Id" }, safeHeaders: ["X-Retry", "X-Signature"] });
    expect(safeHeaders).toEqual(["content-type", "content-encoding", "user-agent", "date", "x-event", "x-id", "x-retry"]);
    const standard = defineReceiver({
      ...definition,
      verify: standardWebhooks(),
      deliveryId: { header: "webhook-id" },
      safeHeaders: ["webhook-signature"],
    });
    expect(standard.safeHeaders).toContain("webhook-id");
    expect(standard.safeHeaders).not.toContain("webhook-signature");
    expect(defineReceiver({ ...definition, verify: token({ header: "X-Token" }), safeHeaders: ["x-token"] }).safeHeaders).not.toContain(
      "x-token",
    );
  });
});

describe("allowedMethods", () => {
  it("are those of deliveries and of handshakes, once each", () => {
    expect(allowedMethods(defineReceiver(definition))).toEqual(["POST"]);
    expect(
      allowedMethods(defineReceiver({ ...definition, methods: ["POST", "GET"], handshakes: [echoQuery("a"), emptyAnswer("HEAD")] })),
    ).toEqual(["POST", "GET", "HEAD"]);
  });
});
