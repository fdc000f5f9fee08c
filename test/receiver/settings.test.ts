import { describe, expect, it } from "@jest/globals";
import {
  choiceSetting,
  defineReceiver,
  flagSetting,
  headerSetting,
  hmac,
  listSetting,
  ReceiverRequest,
  type Setting,
  textSetting,
  token,
  urlSetting,
} from "../../src/receiver/index.ts";
import { readSettings } from "../../src/receiver/settings.ts";
import { verifyRequest } from "../../src/receiver/verification.ts";

const about = "what it is";

describe("a setting", () => {
  it.each<[string, Setting<unknown>, readonly unknown[], readonly unknown[]]>([
    ["text", textSetting({ about }), ["a", "a b"], ["", " a", "a\n", 1, null, true]],
    ["header", headerSetting({ about, default: "X-A" }), ["X-B", "authorization"], ["", "X B", "X:B", "X\r\nB", 1]],
    ["url", urlSetting({ about }), ["https://a.example/x"], ["http://a.example", "a.example", "https://u@a.example", 1]],
    ["choice", choiceSetting(["a", "b"], { about, default: "a" }), ["a", "b"], ["c", "", 1]],
    ["flag", flagSetting({ about }), [true, false], ["true", 1, null]],
    ["list", listSetting({ about }), [["a"], ["a", "b"]], ["a", [], [""], [1], ["a", " b"]]],
  ])("of kind %s takes what it says", (_kind, setting, right, wrong) => {
    for (const value of right) expect(readSettings({ it: setting }, { it: value })).toEqual({ values: { it: value }, faults: [] });
    for (const value of wrong) expect(readSettings({ it: setting }, { it: value }).faults).toHaveLength(1);
  });

  it("is missed where it is required, and never repeats its value", () => {
    expect(readSettings({ it: textSetting({ about, required: true }) }, {}).faults).toEqual([
      { name: "it", problem: `is required: ${about}` },
    ]);
    expect(readSettings({ it: listSetting({ about, required: true }) }, {}).faults).toHaveLength(1);
    expect(JSON.stringify(readSettings({ it: textSetting({ about }) }, { it: " private " }).faults)).not.toContain("private");
  });
});

describe("a receiver with settings", () => {
  const receiver = defineReceiver({
    name: "example",
    title: "Example",
    docs: "https://example.test",
    settings: { header: headerSetting({ about, default: "X-Sig" }), legacy: flagSetting({ about }), tenant: textSetting({ about }) },
    verify: ({ header, legacy }) => (legacy ? token({ parameter: "code" }) : hmac({ header })),
    events: { value: "change" },
  });

  it("has its defaults until it is configured", () => {
    expect(receiver.verify.proofHeaders).toEqual(["x-sig"]);
    expect(receiver.configure({ header: "X-Other" }).verify.proofHeaders).toEqual(["x-other"]);
    expect(receiver.configure({ legacy: true }).verify).toMatchObject({ name: "token", bodyBound: false });
    expect(receiver.configure({ header: "X-Other" }).configure({}).verify.proofHeaders).toEqual(["x-sig"]);
  });

  it("refuses to be configured with what a setting does not take", () => {
    expect(() => receiver.configure({ header: "no header" })).toThrow(expect.objectContaining({ code: "invalid_receiver" }));
  });

  it("refuses every request as long as it lacks a required setting", () => {
    const lacking = defineReceiver({
      name: "example",
      title: "Example",
      docs: "https://example.test",
      settings: { account: textSetting({ about, required: true }) },
      verify: hmac({ header: "X-Sig" }),
      events: { value: "change" },
    });
    const key = Buffer.from("a key of some length");
    const bare = new ReceiverRequest({ method: "POST", url: "https://example.test/", rawHeaders: [], body: Buffer.from("{}") });
    const headers = hmac({ header: "X-Sig" }).sign?.(bare, key.toString(), { now: 0 }).headers ?? {};
    const request = bare.with({ rawHeaders: Object.entries(headers).flat() });
    expect(verifyRequest(lacking.verify, request, [key], { now: 0 })).toMatchObject({ code: "verification_failed" });
    expect(verifyRequest(lacking.configure({ account: "a" }).verify, request, [key], { now: 0 })).toMatchObject({ verified: true });
  });
});
