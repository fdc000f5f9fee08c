import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { sqsQueue } from "../../../src/queue/drivers/sqs.ts";
import { type SqsServer, startSqsServer } from "../../support/sqs-server.ts";
import { describeQueue, newJob } from "../conformance.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a-secret-that-must-not-be-told" };
const leaseMs = 60_000;
let server: SqsServer;

/** A claim does not wait here, so that one which finds nothing takes no time. */
const open = () => sqsQueue({ url: server.url, region: "eu-central-1", credentials, waitSeconds: 0 });

describeQueue("the SQS queue", {
  open: async () => {
    server = await startSqsServer();
    return open();
  },
  cleanUp: async () => {
    expect(server.wireFaults).toEqual([]);
    await server.close();
  },
  capabilities: {
    largestJobBytes: 193_536,
    uniqueIds: false,
    strictOrder: false,
    ordering: false,
    exceptions: false,
    deadLetters: false,
    lists: false,
    counts: "approximate",
  },
  realLeaseMs: 1_000, // SQS counts in whole seconds
});

describe("the SQS queue without a server", () => {
  const connection = { region: "eu-central-1", credentials, waitSeconds: 0 };

  it("fails in bounded time where nothing answers, and tells no secret", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const queue = sqsQueue({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/1/queue`, timeoutMs: 200, ...connection });
    const calls = [() => queue.send(newJob("a")), () => queue.claim({ limit: 1, leaseMs }), () => queue.list({ state: "open", limit: 0 })];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "queue_unavailable" });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(credentials.secretAccessKey);
    }
    await queue.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("says what SQS refused, and repeats no token", async () => {
    server = await startSqsServer();
    const queue = open();
    const message =
      "The signature does not match.\n\nThe string should have been 'POST\nx-amz-security-token:a-token-that-must-not-be-told'";
    server.fail = () => ({ code: "SignatureDoesNotMatch", message, status: 403 });
    const error = await queue.send(newJob("a")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "queue_unavailable" });
    const shown = inspect(error, { depth: 20, showHidden: true });
    expect(shown).toContain("SignatureDoesNotMatch: The signature does not match.");
    expect(shown).not.toContain("a-token");
    await queue.close();
    await server.close();
  });

  it("fails where nothing listens, and works once something does", async () => {
    server = await startSqsServer();
    const queue = open();
    server.fail = () => ({ code: "ServiceUnavailable", status: 503 });
    await expect(queue.send(newJob("a"))).rejects.toMatchObject({ code: "queue_unavailable" });
    server.fail = () => undefined;
    await queue.send(newJob("a"));
    await server.close();
    await expect(queue.send(newJob("b"))).rejects.toMatchObject({ code: "queue_unavailable" });
    await queue.close();
  });

  it.each([
    ["a URL that is none", { url: "queue" }],
    ["a queue of the other kind", { url: "https://sqs.eu-central-1.amazonaws.com/1/jobs.fifo" }],
    ["a longer wait than SQS has", { waitSeconds: 21 }],
    ["messages larger than SQS takes", { largestMessageBytes: 2_000_000 }],
    ["no time to answer", { timeoutMs: 0 }],
  ])("refuses %s", (_, options) => {
    expect(() => sqsQueue({ url: "https://sqs.eu-central-1.amazonaws.com/1/jobs", ...options })).toThrow(
      expect.objectContaining({ code: "invalid_options" }),
    );
  });
});
