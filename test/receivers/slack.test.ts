import { describe, expect, it } from "@jest/globals";
import {
  escapeSlackText,
  formatSlackParameters,
  parseSlackCommand,
  parseSlackParameters,
  SlackParameterError,
  slack,
  slackReply,
  slackSlashReply,
} from "../../receivers/slack.ts";
import { responseFault } from "../../src/pipeline/response.ts";
import { ReceiverRequest, readSource } from "../../src/receiver/index.ts";

const request = new ReceiverRequest({ method: "POST", url: "/", rawHeaders: [] });
const verified = (data: unknown) => ({ request, content: Buffer.alloc(0), data });

describe("the text of a command", () => {
  it.each([
    ["", "", ""],
    ["   ", "", ""],
    [" 你好  世界 ", "你好", "世界"],
    ["你 好 世 界", "你", "好 世 界"],
    ["remind\tme\n", "remind", "me"],
  ])("%j has the first word %j and the rest %j", (text, action, value) => {
    expect(parseSlackCommand(text)).toEqual({ action, value });
  });

  it.each<[string, Record<string, string[]>]>([
    ["", {}],
    ["p1=v1; p1=v2", { p1: ["v1", "v2"] }],
    ["p1='v;1'; p2=\"v;2\"", { p1: ["v;1"], p2: ["v;2"] }],
    ["p1=\\;v1; p2=v\\;2; p3=v3\\;", { p1: [";v1"], p2: ["v;2"], p3: ["v3;"] }],
    ["p1=\\;v1; p2=v\\;2; p1=v3\\;", { p1: [";v1", "v3;"], p2: ["v;2"] }],
    ["a=", { a: [""] }],
    ["a", { a: [""] }],
    [" ; a = b c ;; d='  e '  ;", { a: ["b c"], d: ["  e "] }],
    ["a=don't; b=1=2; __proto__=x", { a: ["don't"], b: ["1=2"], ["__proto__"]: ["x"] }],
    ['a="it\'s"; b=\'say "hi"\'', { a: ["it's"], b: ['say "hi"'] }],
  ])("action %j has the parameters %j", (text, parameters) => {
    const read = parseSlackParameters(`action ${text}`);
    expect({ action: read.action, parameters: [...read.parameters] }).toEqual({ action: "action", parameters: Object.entries(parameters) });
  });

  it.each([
    ["'", 0],
    ["'''", 0],
    ["'text'", 0],
    ["te\\;xt", 2],
    ["a='b;b=c", 2],
    ["a='b;b='c'", 8],
    ["a=';b;b='c;'", 9],
    ["a='''", 4],
    ["a=1; =2", 5],
  ])("action %j cannot be read, from position %j on", (text, position) => {
    expect(() => parseSlackParameters(`action ${text}`)).toThrow(SlackParameterError);
    expect(() => parseSlackParameters(`action ${text}`)).toThrow(expect.objectContaining({ position, name: "SlackParameterError" }));
  });

  it.each([
    ["p1=v1; p1=v2", "p1=v1; p1=v2"],
    ["p1='v;1'; p2=\"v;2\"", "p1=v\\;1; p2=v\\;2"],
    ["a=", "a"],
    ["p1=\\;v1; p2=v\\;2; p1=v3\\;", "p1=\\;v1; p1=v3\\;; p2=v\\;2"],
    ["a=' b'; c='d\\'", "a=' b'; c='d\\'"],
    ['a="\'b"', 'a="\'b"'],
  ])("%j is written as %j, which reads the same", (text, written) => {
    const { parameters } = parseSlackParameters(`action ${text}`);
    expect(formatSlackParameters(parameters)).toBe(written);
    expect([...parseSlackParameters(`action ${written}`).parameters]).toEqual([...parameters]);
  });

  it.each([[["", "v"]], [["a;b", "v"]], [["a=b", "v"]], [["'a", "v"]], [["a", `'"`]]])(
    "%j cannot be written",
    ([name = "", value = ""]) => {
      expect(() => formatSlackParameters(new Map([[name, [value]]]))).toThrow(TypeError);
    },
  );

  it("is read in no time, however long", () => {
    const start = performance.now();
    for (const text of [
      `a ${" ".repeat(200_000)}x`,
      `a ${"\\;".repeat(100_000)}`,
      `a ${";".repeat(200_000)}`,
      `a b=${"'".repeat(200_000)}`,
    ])
      expect(() => {
        try {
          parseSlackParameters(text);
        } catch (error) {
          if (!(error instanceof SlackParameterError)) throw error;
        }
      }).not.toThrow();
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("an outgoing webhook", () => {
  it.each([
    ["你好", "你好世界something", "世界something"],
    ["你好", "你好\r\t\nsomething   \r\t\n", "something"],
    ["trigger", "text", "text"],
    ["TRIGGER", "trigger   Text   ", "Text"],
    ["", " text ", "text"],
  ])("with the trigger word %j and the text %j has the subtext %j", (trigger_word, text, subtext) => {
    expect(slack.data?.(verified({ trigger_word, text }))).toEqual({ trigger_word, text, subtext });
  });

  it("alone gets a subtext", () => {
    for (const data of [{ command: "/a", text: "b" }, { type: "block_actions", text: "b" }, [], "text", null, {}])
      expect(slack.data?.(verified(data))).toBe(data);
  });

  it("is not named by what a user wrote, unless that is the trigger word", () => {
    expect(readSource(slack.events, verified({ text: "private" }))).toEqual(["outgoing_webhook"]);
    expect(readSource(slack.events, verified({ text: "bot: private", trigger_word: "bot:" }))).toEqual(["bot:"]);
  });
});

describe("an answer", () => {
  it("is JSON that can be sent", () => {
    const reply = slackReply("Größe <@U1>");
    expect(responseFault(reply)).toBeUndefined();
    expect(reply).toMatchObject({ status: 200, headers: { "content-type": "application/json; charset=utf-8" } });
    expect(JSON.parse(String(reply.body))).toEqual({ text: "Größe <@U1>" });
  });

  it("to a slash command is ephemeral unless it says otherwise", () => {
    const sent = (reply: Parameters<typeof slackSlashReply>[0]) => JSON.parse(String(slackSlashReply(reply).body));
    expect(sent("Sunny")).toEqual({ response_type: "ephemeral", text: "Sunny" });
    const attachments = [{ fallback: "f", color: "good", fields: [{ title: "t", value: "v", short: true }] }];
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "*x*" } }];
    expect(sent({ response_type: "in_channel", attachments, blocks })).toEqual({ response_type: "in_channel", attachments, blocks });
  });

  it("with foreign text notifies nobody", () => {
    expect(escapeSlackText("<!channel> & <@U1>")).toBe("&lt;!channel&gt; &amp; &lt;@U1&gt;");
  });
});

describe("the SSL check", () => {
  const answer = (url: string) => {
    const handshake = slack.handshakes.find(({ method }) => method === "GET");
    return handshake?.proof === "none" ? handshake.answer(new ReceiverRequest({ method: "GET", url, rawHeaders: [] }), []) : undefined;
  };

  it("is answered where it is one", () => {
    expect(answer("https://example.test/?ssl_check=1")).toMatchObject({ status: 200, body: "" });
    expect(answer("https://example.test/?ssl_check=2")).toBe("malformed");
    expect(answer("https://example.test/")).toBe("malformed");
  });
});
