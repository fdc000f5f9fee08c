import { describe, expect, it } from "@jest/globals";
import { responseFault } from "../../src/pipeline/response.ts";
import { jsonAnswer } from "../../src/receiver/index.ts";

describe("an answer in JSON", () => {
  it("can be sent, and is not taken for HTML", () => {
    const answer = jsonAnswer({ text: "Größe <b>" });
    expect(responseFault(answer)).toBeUndefined();
    expect(answer).toEqual({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" },
      body: '{"text":"Größe <b>"}',
    });
  });

  it("has the status that is asked for", () => expect(jsonAnswer([], 202)).toMatchObject({ status: 202, body: "[]" }));
});
