import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type App, startApp } from "../support/app.ts";
import { step } from "../support/handlers.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";

const path = "/api/webhooks/incoming/github";
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => {
  process.on("unhandledRejection", note);
});
afterAll(() => {
  process.off("unhandledRejection", note);
});

async function start(): Promise<App> {
  const app = await startApp({
    webhooks: { handlers: [step((context) => void context.getDataOrDefault())] },
    listen: { headersTimeoutMs: 500, requestTimeoutMs: 500 },
  });
  app.app.silent = true;
  return app;
}

/** The next good request is served, and no promise was forgotten. */
async function expectAlive({ post }: App): Promise<void> {
  expect((await post()).status).toBe(200);
  expect(unhandled).toEqual([]);
}

const token = fc.string({ unit: fc.constantFrom(..."abcxyz-ABC0189"), minLength: 1, maxLength: 20 });
const fieldText = fc.string({ unit: fc.constantFrom(..." \t!\"#$%&'()*+,-./0129:;<=>?@AZ[\\]^_`az{|}~é"), maxLength: 60 });
const known = fc.constantFrom(
  "x-hub-signature-256",
  "x-github-event",
  "x-github-delivery",
  "content-type",
  "content-encoding",
  "x-forwarded-proto",
  "cookie",
  "range",
  "te",
);
const reserved = ["content-length", "transfer-encoding", "host", "connection", "upgrade", "expect", "trailer"];
const headers = fc
  .dictionary(fc.oneof(token, known), fieldText, { maxKeys: 8, noNullPrototype: true })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([name]) => !reserved.includes(name.toLowerCase()))));
const bytes = fc.uint8Array({ maxLength: 300 });
const jsonText = fc.json({ maxDepth: 6 });

describe("whatever is sent", () => {
  test("signed, any bytes are answered with a status and crash nothing", async () => {
    const app = await start();
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, jsonText), headers, async (body, more) => {
        const answer = await app.push({ body: typeof body === "string" ? body : Buffer.from(body), headers: more });
        expect([200, 400, 401, 413, 415]).toContain(answer.status);
      }),
      { numRuns: 500 },
    );
    await expectAlive(app);
  });

  test("over a socket, any headers and bytes are answered with a status", async () => {
    const app = await start();
    await fc.assert(
      fc.asyncProperty(headers, bytes, fc.boolean(), async (more, body, isSigned) => {
        const connection = await openConnection(app.server.port);
        const signed = signedPush({ body: Buffer.from(body) });
        connection.write(rawRequest(path, { ...more, ...(isSigned ? signed.headers : {}) }, body));
        const { status } = await connection.answer();
        connection.socket.destroy();
        expect(status >= 200 && status < 500).toBe(true);
      }),
      { numRuns: 200 },
    );
    await expectAlive(app);
  });

  test("as a request target is answered with a status", async () => {
    const app = await start();
    const target = fc.oneof(
      fc.webPath(),
      fc.string({ unit: fc.constantFrom(..."/%.?#:@a0é[]{}\\"), maxLength: 40 }).map((text) => `${path}/${text}`),
    );
    await fc.assert(
      fc.asyncProperty(target, async (text) => {
        const connection = await openConnection(app.server.port);
        connection.write(rawRequest(text === "" ? "/" : text, { connection: "close" }, "{}"));
        const [answer] = await connection.closed();
        expect([400, 401, 404, 405]).toContain(answer?.status);
      }),
      { numRuns: 200 },
    );
    await expectAlive(app);
  });

  test("as bytes that are no HTTP ends the connection within the time limits", async () => {
    const app = await start();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 8, maxLength: 8 }), async (all) => {
        const connections = await Promise.all(all.map(() => openConnection(app.server.port)));
        connections.forEach((connection, index) => void connection.socket.end(all[index] ?? ""));
        await Promise.all(connections.map((connection) => connection.closed()));
      }),
      { numRuns: 20 },
    );
    await expectAlive(app);
  });

  test("as a good request with one byte changed is never handled as something else", async () => {
    const app = await start();
    const { headers: good, body } = signedPush();
    const request = rawRequest(path, { ...good, connection: "close" }, body);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: request.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(request);
        changed[at] = (changed[at] ?? 0) ^ change;
        const connection = await openConnection(app.server.port);
        connection.socket.end(changed);
        const answers = await connection.closed();
        expect(answers.filter(({ status }) => ![200, 400, 401, 404, 405, 415, 431].includes(status))).toEqual([]);
        if (at >= request.length - body.length) expect(answers.map(({ status }) => status)).toEqual([401]);
      }),
      { numRuns: 200 },
    );
    await expectAlive(app);
  });
});
