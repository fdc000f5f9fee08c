import { describe, expect, it } from "@jest/globals";
import { answerWhen, echo, echoQuery, emptyAnswer, fixedAnswer, ReceiverRequest } from "../../src/receiver/index.ts";

function get(query: string): ReceiverRequest {
  return new ReceiverRequest({ method: "GET", url: `https://example.test/${query}`, rawHeaders: [] });
}

describe("echo", () => {
  it("is text that no browser takes for HTML", () => {
    expect(echo("<script>alert(1)</script>")).toEqual({
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
      body: "<script>alert(1)</script>",
    });
  });

  it.each([undefined, null, "", 7, ["a"], {}, "a".repeat(1025)])("refuses %j", (challenge) => expect(echo(challenge)).toBe("malformed"));

  it("takes a challenge of 1,024 characters", () => expect(echo("a".repeat(1024))).toMatchObject({ status: 200 }));
});

describe("echoQuery", () => {
  const handshake = echoQuery("challenge");

  it.each(["", "?", "?challenge", "?challenge=", "?other=x", "?challenge=a&challenge=b", "?CHALLENGE=a"])("refuses %j", (query) => {
    expect(handshake.proof === "none" && handshake.answer(get(query), [])).toBe("malformed");
  });

  it("sends the decoded value back", () => {
    expect(handshake.proof === "none" && handshake.answer(get("?challenge=a%20b+c"), [])).toMatchObject({ body: "a b c" });
  });
});

describe("a handshake after the proof", () => {
  const verified = (data: unknown) => ({ request: get(""), content: Buffer.alloc(0), data });

  it("is answered only where the body says so", () => {
    const handshake = answerWhen("type", 1, () => fixedAnswer(200, { type: 1 }));
    if (handshake.proof !== "scheme") throw new Error("it asks for a proof");
    expect(handshake.answer(verified({ type: 1 }), [])).toMatchObject({ status: 200, body: '{"type":1}' });
    for (const data of [{ type: "1" }, { type: 2 }, {}, [], null, undefined]) expect(handshake.answer(verified(data), [])).toBeUndefined();
  });

  it("may be empty", () => {
    const handshake = emptyAnswer("HEAD");
    expect(handshake).toMatchObject({ proof: "scheme", method: "HEAD" });
    expect(handshake.proof === "scheme" && handshake.answer(verified({}), [])).toEqual({ status: 200, headers: {}, body: "" });
  });
});
