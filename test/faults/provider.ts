import { request } from "node:http";
import { defineReceiver, hmac } from "../../src/receiver/index.ts";
import { signRequest } from "../../src/testing/sign-request.ts";

/** Whom the tests play. It signs no time: what a day on the clock does to signed times is for the tests of the schemes. */
export const provider = defineReceiver({
  name: "provider",
  title: "The provider",
  docs: "https://example.test/",
  verify: hmac({ header: "X-Signature", signature: { form: "whole" } }),
  body: { kinds: ["json"] },
  events: { header: "X-Event" },
  deliveryId: { header: "X-Delivery" },
});

/** What is delivered. */
export interface Sent {
  readonly id: string;
  readonly event: string;
  readonly bytes: number;
}

/** Delivers once; answers the status, or undefined where none came. */
export function post(port: number, { id, event, bytes }: Sent, secret: string): Promise<number | undefined> {
  const { headers, body } = signRequest(provider, { secret, event, deliveryId: id, body: { filler: "x".repeat(bytes) } });
  return new Promise((resolve) => {
    const where = { port, host: "127.0.0.1", method: "POST", path: "/api/webhooks/incoming/provider", agent: false, timeout: 6_000 };
    const outgoing = request({ ...where, headers: { ...headers, "content-length": body.length } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", () => resolve(undefined));
    outgoing.on("close", () => resolve(undefined));
    outgoing.end(body);
  });
}
