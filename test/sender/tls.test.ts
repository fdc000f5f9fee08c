import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { GuardedClientOptions } from "../../src/sender/guarded-client.ts";
import { certificate } from "./certificate.ts";
import { localClient, outcomeOf, serveHttp, serveHttps, serveRaw, type TestServer } from "./servers.ts";

function ask(server: TestServer, options: GuardedClientOptions = {}, host = "hooks.example.com") {
  const client = localClient(server, { allowHttp: false, ca: certificate, resolve: async () => ["127.0.0.1"], ...options });
  return client.request({ url: `https://${host}:${server.port}/` });
}

describe("https", () => {
  test("is spoken with a server whose certificate is trusted and of its name", async () => {
    const server = await serveHttps((_request, response) => response.end("hello"));
    const { status, body } = await ask(server);
    expect([status, body.toString()]).toEqual([200, "hello"]);
  });

  test("is not spoken with a self-signed certificate", async () => {
    const server = await serveHttps((_request, response) => response.end());
    const client = localClient(server, { resolve: async () => ["127.0.0.1"] });
    await expect(client.request({ url: `https://hooks.example.com:${server.port}/` })).rejects.toMatchObject({
      code: "request_failed",
      cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
  });

  test.each(["other.example.com", "127.0.0.1"])("is not spoken with a certificate that is not of %s", async (host) => {
    const server = await serveHttps((_request, response) => response.end());
    await expect(ask(server, {}, host)).rejects.toMatchObject({ code: "request_failed", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  });

  test("is not spoken in TLS 1.1", async () => {
    const server = await serveHttps((_request, response) => response.end(), {
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    expect(await outcomeOf(ask(server))).toBe("request_failed");
  });

  test("is not given up for a server without it", async () => {
    const server = await serveHttp((_request, response) => response.end());
    expect(await outcomeOf(ask(server))).toBe("request_failed");
  });

  test("counts to the time of connecting", async () => {
    const server = await serveRaw(() => {});
    await expect(ask(server, { connectTimeoutMs: 50 })).rejects.toMatchObject({
      code: "request_failed",
      message: expect.stringContaining("no connection within 50 ms"),
    });
  });

  test("is not relaxed by the environment", async () => {
    const server = await serveHttps((_request, response) => response.end());
    const script = fileURLToPath(new URL("./ask.ts", import.meta.url));
    const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_NO_WARNINGS: "1" };
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(server.port)], { env });
    expect(stdout).toBe("DEPTH_ZERO_SELF_SIGNED_CERT\n");
  });
});
