import { describe, expect, it } from "@jest/globals";
import {
  checkJobBytes,
  checkLabelBytes,
  foreignJob,
  isCount,
  labelStart,
  labelWithReason,
  readLabelled,
} from "../../src/queue/job-label.ts";

const room = { engine: "a test", jobBytes: 100, labelBytes: 80 };
const job = { id: "é", handler: "Work", group: "", head: "é", body: Buffer.from("body") };
const unsupported = expect.objectContaining({ code: "unsupported" });

describe("the label of a job", () => {
  it("tells where the head ends, in bytes", () => {
    expect(labelStart(job)).toEqual({ id: "é", handler: "Work", group: "", headBytes: 2 });
  });

  it("refuses a job by the bytes of its head and body together", () => {
    expect(() => checkJobBytes({ head: "é".repeat(30), body: new Uint8Array(40) }, room)).not.toThrow();
    expect(() => checkJobBytes({ head: "é".repeat(30), body: new Uint8Array(41) }, room)).toThrow(unsupported);
  });

  it("refuses a line that leaves too little room to grow, its end included", () => {
    expect(() => checkLabelBytes("é".repeat(30), 19, room)).not.toThrow();
    expect(() => checkLabelBytes("é".repeat(30), 20, room)).toThrow(unsupported);
  });

  it.each(["x".repeat(1_000), "é".repeat(1_000), "\u0000".repeat(1_000), "\u{1f600}".repeat(1_000)])(
    "holds as much of a reason as fits, whatever it is written in",
    (reason) => {
      const write = (text: string) => JSON.stringify({ id: "a", reason: text });
      const line = labelWithReason(reason, write, room);
      const { reason: kept } = JSON.parse(line) as { readonly reason: string };
      expect(reason.startsWith(kept)).toBe(true);
      expect(Buffer.byteLength(line)).toBeLessThan(room.labelBytes);
      expect(Buffer.byteLength(write(reason.slice(0, kept.length + 4)))).toBeGreaterThanOrEqual(room.labelBytes);
    },
  );

  it("holds a short reason whole", () => {
    expect(labelWithReason("short", (text) => text, room)).toBe("short");
  });
});

describe("reading a label", () => {
  const read = () => ({ more: 1 });
  const label = { id: "a", handler: "Work", group: "g", headBytes: 2 };
  const bytes = Buffer.from("{}body");

  it("gives the job and what the driver made of its own members", () => {
    const { body, ...rest } = readLabelled(JSON.stringify(label), bytes, read)!;
    expect(rest).toEqual({ id: "a", handler: "Work", group: "g", head: "{}", more: 1 });
    expect(Buffer.from(body).toString()).toBe("body");
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["no id", JSON.stringify({ ...label, id: 1 })],
    ["no handler", JSON.stringify({ ...label, handler: undefined })],
    ["no group", JSON.stringify({ ...label, group: null })],
    ["a head of half a byte", JSON.stringify({ ...label, headBytes: 0.5 })],
    ["a head longer than the message", JSON.stringify({ ...label, headBytes: 7 })],
    ["a head of less than nothing", JSON.stringify({ ...label, headBytes: -1 })],
  ])("takes %s for something else's", (_, line) => {
    expect(readLabelled(line, bytes, read)).toBeUndefined();
  });

  it("leaves the last word to the driver", () => {
    expect(readLabelled(JSON.stringify(label), bytes, () => undefined)).toBeUndefined();
  });

  it("counts with whole numbers only", () => {
    expect([0, 1, -1, 0.5, "1", null, Number.NaN].map(isCount)).toEqual([true, true, false, false, false, false, false]);
  });
});

it("makes of a message of something else a job that no handler takes, as large as a job may be", () => {
  const { body, ...rest } = foreignJob("sqs:1", Buffer.alloc(200), room);
  expect(rest).toEqual({ id: "sqs:1", handler: "not sent by Hookwright", group: "", head: "" });
  expect(body.byteLength).toBe(100);
});
