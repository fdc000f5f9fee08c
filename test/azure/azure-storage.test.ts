import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { QueueClient } from "@azure/storage-queue";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type AzureQueueClient, azureStorageQueue } from "../../src/queue/drivers/azure-storage.ts";
import type { LeasedJob, Queue, Settlement } from "../../src/queue/queue.ts";
import { describeQueue, newJob } from "../queue/conformance.ts";
import { type Azurite, startAzurite } from "./azurite.ts";

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.remove());

const queueName = () => `q-${randomUUID()}`;
const leaseMs = 60_000;
const acknowledge = ({ id, lease }: LeasedJob): Settlement => ({ id, lease, outcome: "acknowledge" });

describeQueue("the Azure Storage queue", {
  open: async () => azureStorageQueue({ connection: azurite.connection, name: queueName() }),
  capabilities: {
    longestDelayMs: 7 * 24 * 60 * 60 * 1_000,
    largestJobBytes: 48_000,
    uniqueIds: false,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: false,
    lists: false,
    counts: "approximate",
  },
  realLeaseMs: 2_000,
});

describe("the Azure Storage queue on its service", () => {
  let client: QueueClient;
  let queue: Queue;

  beforeEach(() => {
    client = new QueueClient(azurite.connection, queueName());
    queue = azureStorageQueue({ connection: client });
  });
  afterEach(() => queue.close());

  it("keeps a lease valid through renewals, each of which changes the receipt", async () => {
    await queue.send(newJob("a"));
    const [job] = (await queue.claim({ limit: 1, leaseMs })).jobs;
    for (let time = 0; time < 3; time++) expect(await queue.renew([job!], leaseMs)).toEqual([]);
    expect((await queue.claim({ limit: 0, leaseMs, settle: [acknowledge(job!)] })).lost).toEqual([]);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
  });

  it("settles a job while its lease is being renewed", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => queue.send(newJob(`job-${index}`))));
    const { jobs } = await queue.claim({ limit: 20, leaseMs });
    const renewing = queue.renew(jobs, leaseMs);
    const settling = queue.claim({ limit: 0, leaseMs, settle: jobs.map(acknowledge) });
    expect([await renewing, (await settling).lost]).toEqual([[], []]);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(0);
  });

  it("refuses what another process holds by now, and knows no lease of another process", async () => {
    const other = azureStorageQueue({ connection: client });
    await queue.send(newJob("a"));
    const [late] = (await queue.claim({ limit: 1, leaseMs: 1 })).jobs;
    let current: LeasedJob | undefined;
    while (!current) [current] = (await other.claim({ limit: 1, leaseMs })).jobs;
    expect(current).toMatchObject({ id: "a", attempt: 2, crashes: 1 });
    const { lost } = await queue.claim({ limit: 0, leaseMs, settle: [acknowledge(late!), acknowledge(current)] });
    expect(lost).toHaveLength(2);
    expect((await other.claim({ limit: 0, leaseMs, settle: [acknowledge(current)] })).lost).toEqual([]);
    await other.close();
  });

  it("claims more jobs than the service hands out in one call", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => queue.send(newJob(`job-${index}`))));
    const { jobs } = await queue.claim({ limit: 90, leaseMs });
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(90);
    expect((await queue.claim({ limit: 90, leaseMs })).jobs).toHaveLength(10);
  });

  it("writes a job of the largest size back with the reason of its failure", async () => {
    const body = Buffer.alloc(48_000 - 2, 0xff);
    await queue.send(newJob("a", { body, head: "{}" }));
    const [{ lease } = { lease: "" }] = (await queue.claim({ limit: 1, leaseMs })).jobs;
    const retry = { id: "a", lease, outcome: "retry", dueAt: new Date(), reason: "é".repeat(5_000) } as const;
    await queue.claim({ limit: 0, leaseMs, settle: [retry] });
    const [peeked] = (await client.peekMessages()).peekedMessageItems;
    const [preamble = ""] = Buffer.from(peeked!.messageText, "base64").toString().split("\n", 1);
    expect(JSON.parse(preamble)).toMatchObject({ id: "a", attempts: 1, reason: expect.stringMatching(/^é{300,}$/) });
    const [again] = (await queue.claim({ limit: 1, leaseMs })).jobs;
    expect(again).toMatchObject({ id: "a", attempt: 2, crashes: 0 });
    expect(Buffer.compare(again!.body, body)).toBe(0);
  });

  it("takes an id, a handler and a group up to the room that there is, and refuses longer ones", async () => {
    await queue.send(newJob("i".repeat(300), { handler: "h".repeat(200), group: "g".repeat(300) }));
    await expect(queue.send(newJob("i".repeat(1_000)))).rejects.toMatchObject({ code: "unsupported" });
    const { jobs } = await queue.claim({ limit: 2, leaseMs });
    expect(jobs.map(({ id, group }) => [id.length, group.length])).toEqual([[300, 300]]);
  });

  it("stores messages that never expire", async () => {
    await queue.send(newJob("a"));
    const [peeked] = (await client.peekMessages()).peekedMessageItems;
    expect(peeked?.expiresOn?.getUTCFullYear()).toBe(9999);
  });

  it("hands out the message of another program once, under a handler that nobody has, and can return it", async () => {
    await client.create();
    const texts = ["hello", Buffer.from('{"id":1}\n').toString("base64"), "", "x".repeat(65_536)];
    for (const text of texts) await client.sendMessage(text);
    await queue.send(newJob("a"));
    const { jobs } = await queue.claim({ limit: 10, leaseMs });
    const foreign = jobs.filter(({ handler }) => handler === "not sent by Hookwright");
    expect(foreign.map(({ body }) => Buffer.from(body).toString())).toEqual(texts.map((text) => text.slice(0, 48_000)));
    const retry = { outcome: "retry", dueAt: new Date(), reason: "nobody takes it" } as const;
    await queue.claim({ limit: 0, leaseMs, settle: foreign.map(({ id, lease }) => ({ id, lease, ...retry })) });
    const again = (await queue.claim({ limit: 10, leaseMs })).jobs;
    expect(again.map(({ id, attempt, crashes }) => [id, attempt, crashes])).toEqual(foreign.map(({ id }) => [id, 2, 0]));
    expect((await queue.claim({ limit: 0, leaseMs, settle: again.map(acknowledge) })).lost).toEqual([]);
    expect((await queue.list({ state: "open", limit: 0 })).total).toBe(1);
  });

  it("counts a message anew that somebody has copied after some attempts", async () => {
    await queue.send(newJob("a"));
    for (let attempt = 1; attempt <= 3; attempt++) {
      const [job] = (await queue.claim({ limit: 1, leaseMs })).jobs;
      await queue.claim({ limit: 0, leaseMs, settle: [{ ...job!, outcome: "retry", dueAt: new Date(), reason: "x" }] });
    }
    const [received] = (await client.receiveMessages()).receivedMessageItems;
    await client.deleteMessage(received!.messageId, received!.popReceipt);
    await client.sendMessage(received!.messageText);
    expect((await queue.claim({ limit: 1, leaseMs })).jobs).toMatchObject([{ id: "a", attempt: 4, crashes: 0 }]);
  });

  it("creates its queue again when somebody has deleted it", async () => {
    await queue.send(newJob("a"));
    const [job] = (await queue.claim({ limit: 1, leaseMs })).jobs;
    await client.delete();
    expect((await queue.claim({ limit: 1, leaseMs, settle: [acknowledge(job!)] })).lost).toHaveLength(1);
    await queue.send(newJob("b"));
    expect((await queue.claim({ limit: 1, leaseMs })).jobs).toMatchObject([{ id: "b" }]);
  });

  it("does not call a settlement lost that a failed claim had made", async () => {
    let fails = false;
    const failing: AzureQueueClient = {
      createIfNotExists: (options) => client.createIfNotExists(options),
      getProperties: (options) => client.getProperties(options),
      sendMessage: (text, options) => client.sendMessage(text, options),
      receiveMessages: (options) => (fails ? Promise.reject(new Error("the connection broke")) : client.receiveMessages(options)),
      updateMessage: (...of) => client.updateMessage(...of),
      deleteMessage: (...of) => client.deleteMessage(...of),
    };
    const unsteady = azureStorageQueue({ connection: failing });
    await Promise.all(["a", "b"].map((id) => unsteady.send(newJob(id))));
    const { jobs } = await unsteady.claim({ limit: 2, leaseMs });
    fails = true;
    const claim = () => unsteady.claim({ limit: 2, leaseMs, settle: jobs.map(acknowledge) });
    await expect(claim()).rejects.toMatchObject({ code: "queue_unavailable" });
    fails = false;
    expect(await claim()).toEqual({ jobs: [], lost: [] });
    expect((await claim()).lost).toHaveLength(2);
    await unsteady.close();
  });

  it("lets its process end once it is closed, having written nothing of its own", async () => {
    const script = fileURLToPath(new URL("./use-and-close.ts", import.meta.url));
    const options = ["--disable-warning=ExperimentalWarning", script, azurite.connection, queueName()];
    expect(await promisify(execFile)(process.execPath, options, { timeout: 20_000 })).toEqual({ stdout: "20\n", stderr: "" });
  });
});

describe("the Azure Storage queue when its service fails", () => {
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("says that the queue is unavailable while the service is away, and works when it is back", async () => {
    const queue = azureStorageQueue({ connection: azurite.connection, name: queueName() });
    await queue.send(newJob("a"));
    await azurite.stop();
    const calls = [queue.send(newJob("b")), queue.claim({ limit: 1, leaseMs }), queue.list({ state: "open", limit: 0 })];
    for (const call of await Promise.all(calls.map(failureOf))) expect(call).toMatchObject({ code: "queue_unavailable" });
    await azurite.start();
    await queue.send(newJob("c"));
    expect((await queue.claim({ limit: 10, leaseMs })).jobs.map(({ id }) => id)).toEqual(["c"]);
    await queue.close();
  }, 60_000);

  it("gives up on a service that never answers, however many calls wait in line", async () => {
    const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { readonly port: number };
    const connection = azurite.connection.replace(String(azurite.port), String(port));
    const queue = azureStorageQueue({ connection, name: queueName() });
    const failures = await Promise.all(Array.from({ length: 200 }, (_, index) => failureOf(queue.send(newJob(`job-${index}`)))));
    for (const failure of failures) expect(failure).toMatchObject({ code: "queue_unavailable" });
    await queue.close();
    server.close();
  });

  it("tells no key and no signature", async () => {
    const otherKey = Buffer.from("another key").toString("base64");
    const refused = azureStorageQueue({ connection: azurite.connection.replace(azurite.accountKey, otherKey), name: queueName() });
    const sas = "sv=2024-05-04&ss=q&srt=sco&sp=rwdlacup&se=2030-01-01T00:00:00Z&sig=c2VjcmV0c2lnbmF0dXJl";
    const signed = azureStorageQueue({
      connection: `QueueEndpoint=http://127.0.0.1:${azurite.port}/hookwright;SharedAccessSignature=${sas}`,
      name: queueName(),
    });
    const broken = azureStorageQueue({ connection: `AccountName=hookwright;AccountKey=${azurite.accountKey}` });
    const failures = [refused, signed, broken].map((queue) => failureOf(queue.send(newJob("a"))));
    const [first, second, third] = await Promise.all(failures);
    expect(first).toMatchObject({ code: "queue_unavailable" });
    expect(second).toMatchObject({ code: "queue_unavailable" });
    expect(third).toMatchObject({ code: "invalid_options" });
    const shown = inspect([first, second, third], { depth: 20, showHidden: true });
    for (const secret of [azurite.accountKey, otherKey, "sig=", "c2VjcmV0", "SharedKey"]) expect(shown).not.toContain(secret);
    await Promise.all([refused, signed, broken].map((queue) => queue.close()));
  });

  it("refuses options that cannot work", () => {
    expect(() => azureStorageQueue({ connection: "" })).toThrow(expect.objectContaining({ code: "invalid_options" }));
    for (const name of ["ab", "Upper", "two--hyphens", "-first", "x".repeat(64)])
      expect(() => azureStorageQueue({ connection: "UseDevelopmentStorage=true", name })).toThrow(
        expect.objectContaining({ code: "invalid_options" }),
      );
  });
});
