import { describe, expect, it } from "@jest/globals";
import {
  echoHeader,
  echoJson,
  type Handshake,
  type HandshakeOutcome,
  hubChallenge,
  originConsent,
  ReceiverRequest,
  unsignedAnswer,
} from "../../src/receiver/index.ts";

function ask(handshake: Handshake, query: string, rawHeaders: readonly string[] = []): HandshakeOutcome {
  if (handshake.proof !== "none") throw new Error("the provider does not sign it");
  return handshake.answer(new ReceiverRequest({ method: handshake.method, url: `https://example.test/hook${query}`, rawHeaders }), []);
}

describe("hubChallenge", () => {
  const handshake = hubChallenge(["first token", "second token"]);

  it("sends the challenge back as text for a token that is configured", () => {
    const answer = ask(handshake, "?hub.mode=subscribe&hub.verify_token=second+token&hub.challenge=%3Cscript%3E");
    expect(answer).toEqual({
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
      body: "<script>",
    });
  });

  it.each([
    ["?hub.mode=subscribe&hub.verify_token=other&hub.challenge=1", "refused"],
    ["?hub.mode=subscribe&hub.challenge=1", "refused"],
    ["?hub.mode=unsubscribe&hub.verify_token=first+token&hub.challenge=1", "malformed"],
    ["?hub.mode=subscribe&hub.verify_token=first+token", "malformed"],
    [`?hub.mode=subscribe&hub.verify_token=first+token&hub.challenge=${"1".repeat(1025)}`, "malformed"],
    ["", "malformed"],
  ])("answers %s with %s", (query, outcome) => expect(ask(handshake, query)).toBe(outcome));

  it("refuses everybody where no token is configured", () => {
    expect(ask(hubChallenge([]), "?hub.mode=subscribe&hub.verify_token=&hub.challenge=1")).toBe("refused");
  });
});

describe("originConsent", () => {
  const handshake = originConsent(["events.example"]);

  it("allows a configured origin, at the rate that it asks for", () => {
    expect(ask(handshake, "", ["WebHook-Request-Origin", "Events.example", "WebHook-Request-Rate", "120"])).toMatchObject({
      status: 200,
      headers: { "webhook-allowed-origin": "Events.example", "webhook-allowed-rate": "120", allow: "POST, OPTIONS" },
    });
    expect(ask(handshake, "", ["WebHook-Request-Origin", "events.example"])).not.toHaveProperty("headers.webhook-allowed-rate");
  });

  it("refuses any other, and a request without one", () => {
    expect(ask(handshake, "", ["WebHook-Request-Origin", "evil.example"])).toBe("refused");
    expect(ask(handshake, "")).toBe("malformed");
    expect(ask(originConsent(["*"]), "", ["WebHook-Request-Origin", "any.example"])).toMatchObject({ status: 200 });
  });
});

describe("an echo", () => {
  it("in a header is short and printable", () => {
    const handshake = echoHeader("Validation-Token");
    expect(ask(handshake, "", ["validation-token", "abc"])).toEqual({ status: 200, headers: { "validation-token": "abc" }, body: "" });
    expect(ask(handshake, "", ["validation-token", "ä"])).toBe("malformed");
    expect(ask(handshake, "", ["validation-token", "a".repeat(1025)])).toBe("malformed");
    expect(ask(handshake, "")).toBeUndefined();
  });

  it("in JSON is text", () => {
    expect(echoJson("challenge", '"}')).toMatchObject({ status: 200, body: '{"challenge":"\\"}"}' });
    expect(echoJson("challenge", 7)).toBe("malformed");
  });

  it("may be no more than a 200", () => expect(ask(unsignedAnswer("HEAD"), "")).toEqual({ status: 200, headers: {}, body: "" }));
});
