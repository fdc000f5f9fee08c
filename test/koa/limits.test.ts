import { describe, expect, test } from "@jest/globals";
import { startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";
import { gate, until } from "../support/until.ts";

const path = "/api/webhooks/incoming/github";

/** A signed push whose body has exactly `bytes` bytes. */
function pushOf(bytes: number) {
  return signedPush({ body: `"${"x".repeat(bytes - 2)}"` });
}

describe("a body", () => {
  test("at the limit is handled", async () => {
    const { post } = await startApp({ webhooks: { limits: { maxBytes: 1_000 } } });
    expect((await post({ body: pushOf(1_000).body })).status).toBe(200);
  });

  test("is measured in bytes and not in characters", async () => {
    const { post } = await startApp({ webhooks: { limits: { maxBytes: 1_000 } } });
    expect((await post({ body: `"${"🎣".repeat(249)}"` })).status).toBe(200);
    expect((await post({ body: `"${"🎣".repeat(250)}"` })).status).toBe(413);
  });

  test("one byte over the limit is answered 413, and the connection closed", async () => {
    const { server, log } = await startApp({ webhooks: { limits: { maxBytes: 1_000 } } });
    const connection = await openConnection(server.port);
    const { headers, body } = pushOf(1_001);
    connection.write(rawRequest(path, headers, body));
    expect((await connection.answer()).status).toBe(413);
    expect(log.codes).toEqual(["too_large"]);
  });

  test("that says it is too long is answered 413 before it comes", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { "content-length": "5000000" }));
    const [answer] = await connection.closed();
    expect([answer?.status, answer?.headers["connection"]]).toEqual([413, "close"]);
  });

  test("in chunks that grow past the limit is answered 413, and the connection closed", async () => {
    const { server } = await startApp({ webhooks: { limits: { maxBytes: 1_000 } } });
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { "transfer-encoding": "chunked" }));
    connection.write(`400\r\n${"x".repeat(1024)}\r\n`);
    const [answer] = await connection.closed();
    expect(answer?.status).toBe(413);
  });

  test("far over the limit is answered 413 to an HTTP client that sends it all", async () => {
    const { url } = await startApp({ webhooks: { limits: { maxBytes: 1_000 } } });
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: "x".repeat(200_000) });
    expect(answer.status).toBe(413);
  });

  test("may be larger for one receiver", async () => {
    const { post } = await startApp({ webhooks: { limits: { maxBytes: 1_000 }, settings: { github: { maxBytes: 2_000 } } } });
    expect((await post({ body: pushOf(2_000).body })).status).toBe(200);
  });

  test("in chunks is handled", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    const chunks = [...body].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join("");
    connection.write(rawRequest(path, { ...headers, "transfer-encoding": "chunked" }, `${chunks}0\r\n\r\n`));
    expect((await connection.answer()).status).toBe(200);
  });

  test("in one-byte chunks with long extensions is refused", async () => {
    const { server, post } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { "transfer-encoding": "chunked" }, `1;${"e".repeat(20_000)}\r\nx\r\n`.repeat(20)));
    const [answer] = await connection.closed();
    expect([400, 413]).toContain(answer?.status);
    expect((await post()).status).toBe(200);
  });
});

describe("pipelined requests", () => {
  test("of which the second is too large: the first is served, the third never runs", async () => {
    const ran: unknown[] = [];
    const { server } = await startApp({
      webhooks: { limits: { maxBytes: 1_000 }, handlers: [step((context) => void ran.push(context.deliveryId))] },
    });
    const connection = await openConnection(server.port);
    const [first, second, third] = [
      signedPush({ deliveryId: "1" }),
      { headers: {}, body: Buffer.alloc(50_000) },
      signedPush({ deliveryId: "3" }),
    ];
    connection.write(Buffer.concat([first, second, third].map(({ headers, body }) => rawRequest(path, headers, body))));
    expect((await connection.closed()).map(({ status }) => status)).toEqual([200, 413]);
    expect(ran).toEqual(["1"]);
  });

  test("that are all good are answered in order", async () => {
    const { server } = await startApp({
      webhooks: { handlers: [step((context) => void (context.response = { status: 200, body: context.deliveryId ?? "" }))] },
    });
    const connection = await openConnection(server.port);
    connection.write(
      Buffer.concat(
        ["1", "2", "3"].map((deliveryId) => signedPush({ deliveryId })).map(({ headers, body }) => rawRequest(path, headers, body)),
      ),
    );
    expect((await connection.answers(3)).map(({ body }) => body)).toEqual(["1", "2", "3"]);
  });
});

describe("Expect: 100-continue", () => {
  test("over the limit is answered 413, and 100 never", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { expect: "100-continue", "content-length": "5000000" }));
    expect((await connection.closed()).map(({ status }) => status)).toEqual([413]);
  });

  test("to an unknown receiver is answered 404, and 100 never", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest("/api/webhooks/incoming/other", { expect: "100-continue", "content-length": "50" }));
    expect((await connection.closed()).map(({ status }) => status)).toEqual([404]);
  });

  test("within the limit is answered 100, and then as the request deserves", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, { ...headers, expect: "100-continue", "content-length": String(body.length) }));
    expect((await connection.answers(1)).map(({ status }) => status)).toEqual([100]);
    connection.write(body);
    expect((await connection.answers(2)).map(({ status }) => status)).toEqual([100, 200]);
  });

  test("for another route is answered 100 when that route reads", async () => {
    const { server } = await startApp({
      after: [
        async (ctx) => {
          const parts: Buffer[] = [];
          for await (const part of ctx.req) parts.push(part as Buffer);
          ctx.body = Buffer.concat(parts).toString();
        },
      ],
    });
    const connection = await openConnection(server.port);
    connection.write(rawRequest("/upload", { expect: "100-continue", "content-length": "5" }));
    expect((await connection.answers(1)).map(({ status }) => status)).toEqual([100]);
    connection.write("hello");
    expect((await connection.answers(2))[1]).toMatchObject({ status: 200, body: "hello" });
  });

  test("of another kind is answered 417", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { expect: "tea" }));
    expect((await connection.answer()).status).toBe(417);
  });
});

describe("the budget", () => {
  test("of requests: the next is answered 503 with Retry-After, and the one after a free place is served", async () => {
    const hold = gate();
    let runs = 0;
    const { post, log } = await startApp({
      webhooks: {
        limits: { maxRequestsInFlight: 1 },
        handlers: [
          step(() => {
            runs++;
            return hold.opened;
          }),
        ],
      },
    });
    const first = post();
    await until(() => runs === 1);
    const refused = await post();
    expect([refused.status, await refused.json()]).toEqual([503, { error: "overloaded" }]);
    expect(refused.headers.get("retry-after")).toMatch(/^[5-8]$/);
    expect(log.codes).toEqual(["overloaded"]);
    hold.open();
    expect((await first).status).toBe(200);
    expect((await post()).status).toBe(200);
  });

  test("of bytes: a body that does not fit is answered 503, and fits when the others are gone", async () => {
    const { server, post, log } = await startApp({ webhooks: { limits: { maxBytesInFlight: 1_000, maxBytes: 900 } } });
    const parked = await openConnection(server.port);
    parked.write(rawRequest(path, { "content-length": "900" }, "x"));
    const busy = async (): Promise<number> => (await post({ body: pushOf(200).body })).status;
    await until(async () => (await busy()) === 503);
    expect(await busy()).toBe(503);
    expect(log.codes).toEqual(["overloaded"]);
    parked.socket.destroy();
    await until(async () => (await busy()) === 200);
    expect(await busy()).toBe(200);
  });

  test("counts a body in chunks as one of the largest size", async () => {
    const { server, post } = await startApp({ webhooks: { limits: { maxBytesInFlight: 1_000, maxBytes: 900 } } });
    const parked = await openConnection(server.port);
    parked.write(rawRequest(path, { "transfer-encoding": "chunked" }));
    await until(async () => (await post({ body: pushOf(200).body })).status === 503);
    parked.socket.destroy();
    await until(async () => (await post({ body: pushOf(200).body })).status === 200);
  });

  test("is back at nothing after failures of every kind", async () => {
    const { post, url } = await startApp({
      webhooks: {
        limits: { maxRequestsInFlight: 1, maxBytesInFlight: 2_000, maxBytes: 1_000 },
        handlers: [
          step(() => {
            throw new Error("x");
          }),
        ],
      },
    });
    for (const options of [
      {},
      { body: "{" },
      { secret: "not-a-secret-but-long-enough-0003" },
      { body: pushOf(1_500).body },
      { contentType: "text/plain", body: "x" },
    ])
      await post(options);
    await fetch(url, { method: "PUT" });
    expect((await post()).status).toBe(500);
  });
});

describe("headers", () => {
  test("more than 200 lines are answered 431", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, { a: Array.from({ length: 201 }, () => "b"), ...headers }, body));
    expect((await connection.answer()).status).toBe(431);
  });

  test("2,400 lines with the signature last are answered 431", async () => {
    const { server, post } = await startApp();
    const connection = await openConnection(server.port);
    const { headers, body } = signedPush();
    connection.write(rawRequest(path, { a: Array.from({ length: 2_400 }, () => "b"), ...headers }, body));
    expect((await connection.answer()).status).toBe(431);
    expect((await post()).status).toBe(200);
  });

  test("of more than 16 KiB are answered 431, and the connection closed", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(rawRequest(path, { a: "b".repeat(17_000) }));
    expect((await connection.closed()).map(({ status }) => status)).toEqual([431]);
  });
});
