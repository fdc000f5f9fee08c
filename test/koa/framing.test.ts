import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { startApp } from "../support/app.ts";
import { signedPush } from "../support/harness.ts";
import { openConnection, rawRequest } from "../support/raw-connection.ts";

const path = "/api/webhooks/incoming/github";

describe("framing that two parsers could read in two ways is answered 400", () => {
  const { headers, body } = signedPush();
  const length = String(body.length);

  test.each<readonly [string, Readonly<Record<string, string | readonly string[]>>]>([
    ["gzip below chunked", { "transfer-encoding": "gzip, chunked" }],
    ["chunked twice", { "transfer-encoding": "chunked, chunked" }],
    ["chunked and identity", { "transfer-encoding": "chunked, identity" }],
    ["an unknown coding", { "transfer-encoding": "xchunked" }],
    ["a length and chunks", { "content-length": length, "transfer-encoding": "chunked" }],
    ["two unequal lengths", { "content-length": [length, "1"] }],
    ["two lengths in a line", { "content-length": `${length}, ${length}` }],
    ["a length with a sign", { "content-length": `+${length}` }],
    ["a length in hexadecimal", { "content-length": "0x10" }],
    ["a negative length", { "content-length": "-1" }],
  ])("%s", async (_what, framing) => {
    const { server, webhooks, post } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(
      rawRequest(
        path,
        { ...headers, ...framing },
        framing["transfer-encoding"] ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body,
      ),
    );
    expect((await connection.answer()).status).toBe(400);
    expect(webhooks.counts()).toMatchObject({ handled: 0, ignored: 0 });
    expect((await post()).status).toBe(200);
  });

  test.each([
    ["a blank before a colon", "X-A : b"],
    ["a folded line", "X-A: b\r\n c"],
    ["a bare carriage return", "X-A: b\rX-C: d"],
    ["NUL", "X-A: \0"],
    ["no colon", "X-A"],
  ])("a header with %s", async (_what, line) => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${line}\r\nContent-Length: 0\r\n\r\n`);
    expect((await connection.answer()).status).toBe(400);
  });

  test("no Host", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    connection.write(`POST ${path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
    expect((await connection.answer()).status).toBe(400);
  });

  test.each(["", "GET\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])("no HTTP at all: %j", async (data) => {
    const { server, post } = await startApp({ listen: { headersTimeoutMs: 300 } });
    const connection = await openConnection(server.port);
    connection.write(data);
    await connection.closed();
    expect(connection.received).toMatch(/^HTTP\/1.1 40[08] /);
    expect((await post()).status).toBe(200);
  });

  test("a gzip transfer coding whose body would be read as it is", async () => {
    const { server } = await startApp();
    const connection = await openConnection(server.port);
    const compressed = gzipSync(body);
    connection.write(
      rawRequest(
        path,
        { ...headers, "transfer-encoding": "gzip, chunked" },
        Buffer.concat([Buffer.from(`${compressed.length.toString(16)}\r\n`), compressed, Buffer.from("\r\n0\r\n\r\n")]),
      ),
    );
    expect((await connection.answer()).status).toBe(400);
  });
});

test("HTTP/1.0 is served, and the connection closed", async () => {
  const { server } = await startApp();
  const connection = await openConnection(server.port);
  const { headers, body } = signedPush();
  connection.write(rawRequest(path, headers, body).toString("latin1").replace("HTTP/1.1", "HTTP/1.0"));
  expect((await connection.closed()).map(({ status }) => status)).toEqual([200]);
});
