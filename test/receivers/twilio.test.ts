import { describe, expect, it } from "@jest/globals";
import twilioLibrary from "twilio";
import { twiml, twimlMessage, twimlRedirect, twimlReject, twimlSay, twimlVerb } from "../../receivers/twilio.ts";
import { responseFault } from "../../src/pipeline/response.ts";
import { parseXml } from "../../src/receiver/xml.ts";

const start = '<?xml version="1.0" encoding="UTF-8"?>';

describe("TwiML", () => {
  it("is XML that can be sent", () => {
    const answer = twiml(twimlMessage("Hi"));
    expect(responseFault(answer)).toBeUndefined();
    expect(answer).toEqual({
      status: 200,
      headers: { "content-type": "text/xml; charset=utf-8" },
      body: `${start}<Response><Message>Hi</Message></Response>`,
    });
  });

  it("without verbs is an empty response", () => {
    expect(twiml().body).toBe(`${start}<Response/>`);
  });

  it("is what Twilio's library writes", () => {
    const voice = new twilioLibrary.twiml.VoiceResponse();
    const gather = voice.gather({ numDigits: 1, action: "/menu" });
    gather.say({ language: "en-GB" }, "Press a key");
    voice.redirect({ method: "POST" }, "https://example.test/a?b=1");
    voice.hangup();
    const ours = twiml(
      twimlVerb("Gather", { numDigits: 1, action: "/menu" }, twimlSay("Press a key", { language: "en-GB" })),
      twimlRedirect("https://example.test/a?b=1", { method: "POST" }),
      twimlVerb("Hangup"),
    );
    expect(ours.body).toBe(voice.toString());
  });

  it("carries a message with pictures", () => {
    expect(twiml(twimlMessage("Größe", { to: "+1" }, twimlVerb("Media", {}, "https://example.test/a.png"))).body).toBe(
      `${start}<Response><Message to="+1"><Body>Größe</Body><Media>https://example.test/a.png</Media></Message></Response>`,
    );
  });

  it("refuses a call", () => {
    expect(twiml(twimlReject("busy")).body).toBe(`${start}<Response><Reject reason="busy"/></Response>`);
  });

  it("escapes texts and attributes, so that what a stranger wrote is no verb", () => {
    const hostile = `</Say><Dial>+1</Dial>&amp;"'<!--\u0000\u001b\ud800\ufffe😀`;
    const { body } = twiml(twimlSay(hostile, { voice: `"><Dial>\n${hostile}`, loop: 2, skipped: undefined }));
    expect(String(body).match(/</g)).toHaveLength(5);
    expect(parseXml(String(body))).toMatchObject({
      Response: { Say: { "#text": `</Say><Dial>+1</Dial>&amp;"'<!--😀`, "@loop": "2", "@voice": expect.stringContaining(`"><Dial>`) } },
    });
  });

  it.each(["Say/", "a b", "", "<x", "1"])("has no verb and no attribute named %j", (name) => {
    expect(() => twiml(twimlVerb(name))).toThrow(TypeError);
    expect(() => twiml(twimlVerb("Say", { [name]: "x" }))).toThrow(TypeError);
  });
});
