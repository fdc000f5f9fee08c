import { SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type SqsClient, type SqsQueueOptions, sqsQueue } from "../../../src/queue/drivers/sqs.ts";
import type { LeasedJob, Queue, Settlement } from "../../../src/queue/queue.ts";
import { controllableClock } from "../../../src/testing/clock.ts";
import { type SqsEntry, type SqsServer, startSqsServer } from "../../support/sqs-server.ts";
import { until } from "../../support/until.ts";
import { newJob } from "../conformance.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const leaseMs = 60_000;
let server: SqsServer;

/** A claim does not wait here, so that one which finds nothing takes no time. */
const open = (options: Partial<SqsQueueOptions> = {}) =>
  sqsQueue({ url: server.url, region: "eu-central-1", credentials, waitSeconds: 0, ...options });

describe("the SQS queue on the wire", () => {
  let queue: Queue;

  beforeEach(async () => {
    server = await startSqsServer();
    queue = open();
  });
  afterEach(async () => {
    await queue.close();
    expect(server.wireFaults).toEqual([]);
    await server.close();
  });

  const inputsOf = (action: string) => server.requests.filter((request) => request.action === action).map(({ input }) => input);
  const entriesOf = (action: string) => inputsOf(action).map(({ Entries = [] }) => Entries);
  const sendAll = (ids: readonly string[]) => Promise.all(ids.map((id) => queue.send(newJob(id))));
  const claimAll = async (limit: number, from = queue) => {
    const jobs: LeasedJob[] = [];
    while (jobs.length < limit) jobs.push(...(await from.claim({ limit: limit - jobs.length, leaseMs })).jobs);
    return jobs;
  };
  const settle = (...settlements: Settlement[]) => queue.claim({ limit: 0, leaseMs, settle: settlements });
  const acknowledge = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "acknowledge" }) as const;
  const tryAgain = ({ id, lease }: LeasedJob) => ({ id, lease, outcome: "retry", dueAt: new Date(), reason: "x" }) as const;

  it("sends jobs that come together ten at a time, and no more bytes than a batch may have", async () => {
    await sendAll(Array.from({ length: 23 }, (_, index) => `${index}`));
    expect(entriesOf("SendMessageBatch").map(({ length }) => length)).toEqual([10, 10, 3]);
    const body = Buffer.alloc(90_000);
    await Promise.all(["a", "b", "c"].map((id) => queue.send(newJob(id, { body }))));
    const lengths = entriesOf("SendMessageBatch").map(({ length }) => length);
    expect(lengths.slice(3).sort()).toEqual([1, 2]);
  });

  it("writes what a person may want to read in a console as text, and head and body as base64", async () => {
    await queue.send({ id: "1/é", handler: "Work", group: "github", head: "{}", body: Buffer.from("body") });
    const [[entry] = []] = entriesOf("SendMessageBatch");
    const label = { id: "1/é", handler: "Work", group: "github", attempts: 0, crashes: 0, headBytes: 2 };
    const [first = "", second] = entry?.MessageBody?.split("\n") ?? [];
    expect(JSON.parse(first)).toEqual(label);
    expect(first).toContain("\\u00e9");
    expect(second).toBe(Buffer.from("{}body").toString("base64"));
  });

  it("rounds a delay up to whole seconds, and leaves one that is over away", async () => {
    const clock = controllableClock();
    const held = open({ clock });
    for (const ms of [1, 1_000, 899_001, 900_001, -5]) await held.send(newJob(`${ms}`, { dueAt: new Date(clock.now().getTime() + ms) }));
    await held.close();
    expect(entriesOf("SendMessageBatch").map(([entry]) => entry?.DelaySeconds)).toEqual([1, 1, 900, 900, 0]);
  });

  it("waits for a message that is sent meanwhile, and hides it for the longer", async () => {
    const waiting = open({ waitSeconds: 5 });
    const claim = waiting.claim({ limit: 100, leaseMs });
    await until(() => inputsOf("ReceiveMessage").length === 1);
    await queue.send(newJob("a"));
    expect((await claim).jobs).toMatchObject([{ id: "a" }]);
    expect(inputsOf("ReceiveMessage")).toMatchObject([{ WaitTimeSeconds: 5, VisibilityTimeout: 65, MaxNumberOfMessages: 10 }]);
    await waiting.close();
  });

  it("asks for more at once while more comes, and calls back where an answer may have left some", async () => {
    let calls = 0;
    server.mostPerAnswer = 4;
    await sendAll(Array.from({ length: 60 }, (_, index) => `${index}`));
    queue.watch(() => calls++);
    const counts: number[] = [];
    for (let left = 60; left > 0; left -= counts.at(-1) ?? 0) counts.push((await queue.claim({ limit: 100, leaseMs })).jobs.length);
    expect(counts).toEqual([4, 8, 16, 32]);
    expect(calls).toBe(4);
    await queue.claim({ limit: 100, leaseMs });
    expect(calls).toBe(4);
  });

  it("deletes nothing under a lease that has run out, whatever SQS would do", async () => {
    const clock = controllableClock();
    const held = open({ clock });
    await held.send(newJob("a"));
    const [job] = await claimAll(1, held);
    await clock.advance(leaseMs);
    expect((await held.claim({ limit: 0, leaseMs, settle: [acknowledge(job!)] })).lost).toHaveLength(1);
    expect(await held.renew([job!], leaseMs)).toHaveLength(1);
    expect([...inputsOf("DeleteMessageBatch"), ...inputsOf("ChangeMessageVisibilityBatch")]).toEqual([]);
    await held.close();
  });

  it("takes a lease for lost that SQS no longer knows", async () => {
    await sendAll(["a", "b"]);
    const jobs = await claimAll(2);
    server.fail = () => ({ code: "MessageNotInflight", entry: "1" });
    expect(await queue.renew(jobs, leaseMs)).toMatchObject([{ id: jobs[1]!.id }]);
    server.fail = () => ({ code: "ReceiptHandleIsInvalid", entry: "0" });
    expect((await settle(acknowledge(jobs[0]!))).lost).toMatchObject([{ id: jobs[0]!.id }]);
  });

  it("does the rest when a settlement that failed half-way is repeated, and nothing twice", async () => {
    await sendAll(Array.from({ length: 12 }, (_, index) => `${index}`));
    const jobs = await claimAll(12);
    const settlements = jobs.map((job, index) => (index < 6 ? acknowledge(job) : tryAgain(job)));
    server.fail = ({ action }) => (action === "DeleteMessageBatch" ? { code: "InternalError", status: 500, entry: "1" } : undefined);
    await expect(settle(...settlements)).rejects.toMatchObject({ code: "queue_unavailable" });
    server.fail = () => undefined;
    const before = inputsOf("SendMessageBatch").length;
    expect((await settle(...settlements)).lost).toEqual([]);
    expect(inputsOf("SendMessageBatch")).toHaveLength(before);
    expect(entriesOf("DeleteMessageBatch").at(-1)).toHaveLength(2);
    expect((await settle(...settlements)).lost).toHaveLength(12);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(6);
    expect((await claimAll(6)).every(({ attempt }) => attempt === 2)).toBe(true);
  });

  it("keeps the old message until SQS has the one that replaces it", async () => {
    await queue.send(newJob("a"));
    const [job] = await claimAll(1);
    server.fail = ({ action }) => (action === "SendMessageBatch" ? { code: "InternalError", status: 500, entry: "0" } : undefined);
    await expect(settle(tryAgain(job!))).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(inputsOf("DeleteMessageBatch")).toEqual([]);
    server.fail = () => undefined;
    expect((await settle(tryAgain(job!))).lost).toEqual([]);
    expect(await claimAll(1)).toMatchObject([{ id: "a", attempt: 2 }]);
  });

  it("rejects only the job of a batch that SQS refused", async () => {
    server.fail = () => ({ code: "InternalError", status: 500, entry: "1" });
    const sends = await Promise.allSettled(["a", "b", "c"].map((id) => queue.send(newJob(id))));
    expect(sends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(sends[1]).toMatchObject({ reason: { code: "queue_unavailable" } });
  });

  it("hands out a message that something else sent, under a handler that nobody has, and can return it", async () => {
    server.put("a".repeat(262_144));
    const [job] = await claimAll(1);
    expect(job).toMatchObject({ id: expect.stringMatching(/^sqs:/), handler: "not sent by Hookwright", head: "", attempt: 1 });
    expect((await settle(tryAgain(job!))).lost).toEqual([]);
    expect(await claimAll(1)).toMatchObject([{ id: job!.id, attempt: 2 }]);
  });

  it("can send again whatever it could send, however long the reason", async () => {
    const body = Buffer.alloc(193_536);
    const id = "i".repeat(3_900);
    await expect(queue.send(newJob(`${id}${"i".repeat(200)}`))).rejects.toMatchObject({ code: "unsupported" });
    await queue.send(newJob(id, { body, head: "" }));
    for (let attempt = 1; attempt <= 12; attempt++) {
      const [job] = await claimAll(1);
      expect(job).toMatchObject({ id, attempt });
      expect((await settle({ ...tryAgain(job!), reason: "\u{1f600}".repeat(1_000) })).lost).toEqual([]);
    }
    const texts = entriesOf("SendMessageBatch").map(([entry]: readonly SqsEntry[]) => Buffer.byteLength(entry!.MessageBody!));
    expect(Math.max(...texts)).toBeLessThanOrEqual(262_144);
  });

  it("rejects a job that SQS leaves out of its answer", async () => {
    const real = new SQSClient({ endpoint: new URL(server.url).origin, region: "eu-central-1", credentials });
    const client = { send: async (...call: Parameters<SqsClient["send"]>) => ({ ...(await real.send(...call)), Successful: [] }) };
    const silent = open({ client });
    await expect(silent.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await silent.close();
    real.destroy();
  });

  it("rejects a job that is longer than the queue takes, and keeps one that was to come again", async () => {
    await queue.send(newJob("a"));
    const [job] = await claimAll(1);
    server.fail = ({ action }) => (action === "SendMessageBatch" ? { code: "InvalidParameterValue", entry: "0" } : undefined);
    await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await expect(settle(tryAgain(job!))).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(inputsOf("DeleteMessageBatch")).toEqual([]);
    server.fail = () => undefined;
    expect((await settle(tryAgain(job!))).lost).toEqual([]);
    expect(await claimAll(1)).toMatchObject([{ id: "a", attempt: 2 }]);
  });

  it("keeps a job away until it is due, however much longer than SQS can hold it back, and counts no attempt", async () => {
    const clock = controllableClock();
    const held = open({ clock });
    const pass = async (ms: number) => {
      server.advance(ms);
      await clock.advance(ms);
    };
    const inMs = (ms: number) => new Date(clock.now().getTime() + ms);
    await held.send(newJob("a", { dueAt: inMs(2_000_000) }));
    for (const ms of [900_000, 900_000]) {
      await pass(ms);
      expect((await held.claim({ limit: 10, leaseMs })).jobs).toEqual([]);
    }
    await pass(200_000);
    const [job] = await claimAll(1, held);
    expect(job).toMatchObject({ id: "a", attempt: 1, crashes: 0 });
    await held.claim({ limit: 0, leaseMs, settle: [{ ...job!, outcome: "retry", dueAt: inMs(1_500_000), reason: "x" }] });
    await pass(900_000);
    expect((await held.claim({ limit: 10, leaseMs })).jobs).toEqual([]);
    await pass(600_000);
    expect(await claimAll(1, held)).toMatchObject([{ id: "a", attempt: 2, crashes: 0 }]);
    expect((await held.list({ state: "open", limit: 0 })).total).toBe(1);
    await held.close();
  });

  it("loses no job that it could not hold back again, and hands out what is due beside it", async () => {
    const clock = controllableClock();
    const held = open({ clock });
    await held.send(newJob("later", { dueAt: new Date(clock.now().getTime() + 1_000_000) }));
    server.advance(900_000);
    await held.send(newJob("now"));
    server.fail = ({ action }) => (action === "SendMessageBatch" ? { code: "InternalError", status: 500, entry: "0" } : undefined);
    const first = await held.claim({ limit: 10, leaseMs });
    expect(first.jobs).toMatchObject([{ id: "now" }]);
    server.advance(leaseMs);
    await clock.advance(leaseMs);
    const claim = () => held.claim({ limit: 1, leaseMs });
    await expect(claim()).rejects.toMatchObject({ code: "queue_unavailable" });
    server.fail = () => undefined;
    server.advance(1_000_000);
    await clock.advance(1_000_000);
    const ids = (await claimAll(2, held)).map(({ id }) => id).sort();
    expect(ids).toEqual(["later", "now"]);
    await held.close();
  });

  it.each([
    ["counts that are missing", { id: "a", handler: "Work", group: "", headBytes: 0 }],
    ["a group that is missing", { id: "a", handler: "Work", attempts: 0, crashes: 0, headBytes: 0 }],
    ["a head that is longer than the message", { id: "a", handler: "Work", group: "", attempts: 0, crashes: 0, headBytes: 9 }],
    ["a text for a number", { id: "a", handler: "Work", group: "", attempts: "0", crashes: 0, headBytes: 0 }],
  ])("takes a label with %s for something else's", async (_, label) => {
    server.put(`${JSON.stringify(label)}\n`);
    expect(await claimAll(1)).toMatchObject([{ handler: "not sent by Hookwright", group: "", attempt: 1 }]);
  });

  it("sends again what it could send, also when its option has been made smaller since", async () => {
    const body = Buffer.alloc(100_000);
    await queue.send(newJob("a", { body }));
    const smaller = open({ largestMessageBytes: 8_192 });
    const [job] = await claimAll(1, smaller);
    expect((await smaller.claim({ limit: 0, leaseMs, settle: [tryAgain(job!)] })).lost).toEqual([]);
    await smaller.close();
    expect((await claimAll(1))[0]!.body.byteLength).toBe(body.byteLength);
  });

  it("refuses a lease longer than SQS can hide a message", async () => {
    await expect(queue.claim({ limit: 1, leaseMs: 43_200_001 })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("takes a ready client and leaves it open", async () => {
    const client = new SQSClient({ endpoint: new URL(server.url).origin, region: "eu-central-1", credentials });
    for (const id of ["a", "b"]) {
      const own = sqsQueue({ url: server.url, client, waitSeconds: 0 });
      await own.send(newJob(id));
      await own.close();
    }
    expect(await claimAll(2)).toHaveLength(2);
    client.destroy();
  });

  it("leaves no connection open", async () => {
    await queue.send(newJob("a"));
    expect(await server.connections()).toBeGreaterThan(0);
    await queue.close();
    await until(async () => (await server.connections()) === 0);
  });
});
