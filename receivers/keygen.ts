import { defineReceiver, draftCavage } from "../src/receiver/index.ts";

/**
 * Keygen: Ed25519 in `Keygen-Signature` over path, host, date and the body's digest, with the account's public key. The event is
 * `data.attributes.event`.
 */
export const keygen = defineReceiver({
  name: "keygen",
  title: "Keygen",
  docs: "https://keygen.sh/docs/api/signatures/",
  category: "monitoring and dev tools",
  confirmed: "documented",
  setup:
    "Add a webhook endpoint in the dashboard with signature algorithm Ed25519; Settings show the account's Ed25519 128-bit verify key.",
  secretName: "the account's Ed25519 verify key, 64 hexadecimal digits",
  eventNames: "`data.attributes.event`, such as `license.created` or `machine.heartbeat.dead`.",
  notes: [
    "The signed host is that of the URL as Keygen calls it: behind a proxy set `publicUrl`.",
    "A proxy that rewrites `Date` or `Digest` breaks the signature. Endpoints set to an RSA algorithm are not supported.",
    "`data.attributes.payload` is the event's object as JSON text. A 410 makes Keygen disable the endpoint.",
  ],
  verify: draftCavage({
    header: "Keygen-Signature",
    algorithms: ["ed25519"],
    lines: ["(request-target)", "host", "date", "digest"],
    tolerance: { pastSeconds: 300, futureSeconds: 60 },
  }),
  events: { body: "data.attributes.event" },
  deliveryId: { body: "data.id" },
  sentAt: { from: { header: "Date" }, unit: "http-date" },
  account: { body: "data.relationships.account.data.id" },
  timeLimitMs: 15_000,
});
