import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { verify as octokitVerify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { github } from "../receivers/github.ts";
import { standardWebhooks } from "../receivers/standard-webhooks.ts";
import { stripe } from "../receivers/stripe.ts";
import { type Receiver, ReceiverRequest, rawHeadersOf } from "../src/receiver/index.ts";
import { verifyRequest } from "../src/receiver/verification.ts";
import { type SignedRequest, signRequest } from "../src/testing/sign-request.ts";
import { median } from "./measure.ts";
import { round } from "./report.ts";

/** One way to verify a request, and the receiver that it is measured beside. */
interface Contest {
  readonly receiver: Receiver;
  readonly secret: string;
  /** The least that can be done: the bytes that are signed, hashed with a prepared key, and compared. */
  readonly bare: (signed: SignedRequest) => boolean;
  /** The provider's own package. */
  readonly library: (signed: SignedRequest) => unknown;
}

const text = "not-a-secret-but-long-enough-0001";
const whsec = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const sdk = new Stripe("sk_test_none");
const standard = new Webhook(whsec);
const now = (): number => Math.floor(Date.now() / 1000);

const contests: readonly Contest[] = [
  {
    receiver: github,
    secret: text,
    bare: bareHmac(text, ({ headers }) => [[], headers["x-hub-signature-256"]?.slice(7) ?? "", "hex"]),
    library: ({ headers, body }) => octokitVerify(text, body.toString(), headers["x-hub-signature-256"] ?? ""),
  },
  {
    receiver: stripe,
    secret: text,
    bare: bareHmac(text, ({ headers }) => {
      const [, time = "", signature = ""] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(headers["stripe-signature"] ?? "") ?? [];
      return Math.abs(now() - Number(time)) > 300 ? [[], "", "hex"] : [[`${time}.`], signature, "hex"];
    }),
    library: ({ headers, body }) => sdk.webhooks.signature?.verifyHeader(body, headers["stripe-signature"] ?? "", text, 300),
  },
  {
    receiver: standardWebhooks,
    secret: whsec,
    bare: bareHmac(Buffer.alloc(32, 7), ({ headers }) => {
      const time = headers["webhook-timestamp"] ?? "";
      const signature = headers["webhook-signature"]?.slice(3) ?? "";
      return Math.abs(now() - Number(time)) > 300 ? [[], "", "base64"] : [[`${headers["webhook-id"]}.${time}.`], signature, "base64"];
    }),
    library: ({ headers, body }) => standard.verify(body, headers),
  },
];

/** What verification costs: the declared receiver, the bare HMAC, and the provider's package, in turn; CPU for each request. */
export async function verify(rounds: number): Promise<void> {
  for (const size of [300, 7_000, 100_000]) {
    const table: Record<string, unknown> = {};
    for (const contest of contests) table[contest.receiver.name] = await compare(contest, size, rounds);
    console.log(`\nVerification, ${size} bytes (µs of CPU each; ratios above 1: ours is faster)`);
    console.table(table);
  }
}

async function compare({ receiver, secret, bare, library }: Contest, size: number, rounds: number) {
  const signed = signRequest(receiver, { secret, event: "a.b", deliveryId: "d-1", body: { filler: "x".repeat(size - 60) } });
  const key: unknown = receiver.verify.secret.parse(secret);
  const rawHeaders = rawHeadersOf(signed.headers);
  const request = new ReceiverRequest({ ...signed, rawHeaders });
  const keys = [key];
  const ways = {
    bare: () => bare(signed),
    ours: () => verifyRequest(receiver.verify, request, keys, { now: now() }),
    library: () => library(signed),
  };
  const times = { bare: [] as number[], ours: [] as number[], library: [] as number[] };
  const count = size > 50_000 ? 300 : 3_000;
  for (let index = -3; index < rounds; index++) {
    for (const name of ["bare", "ours", "library"] as const) {
      const start = process.cpuUsage();
      for (let i = 0; i < count; i++) if (!(await ways[name]())) throw new Error(`${receiver.name}: ${name} refuses the request`);
      const { user, system } = process.cpuUsage(start);
      if (index >= 0) times[name].push((user + system) / count);
    }
  }
  const { bare: least, ours, library: theirs } = { bare: median(times.bare), ours: median(times.ours), library: median(times.library) };
  return {
    bare: round(least),
    ours: round(ours),
    library: round(theirs),
    "bare / ours": round(least / ours),
    "library / ours": round(theirs / ours),
  };
}

type Parts = readonly [before: readonly string[], signature: string, encoding: "hex" | "base64"];

function bareHmac(secret: string | Buffer, partsOf: (signed: SignedRequest) => Parts): (signed: SignedRequest) => boolean {
  const key = createSecretKey(Buffer.from(secret));
  return (signed) => {
    const [before, signature, encoding] = partsOf(signed);
    const state = createHmac("sha256", key);
    for (const piece of before) state.update(piece);
    const expected = Buffer.from(state.update(signed.body).digest("binary"), "latin1");
    const given = Buffer.from(signature, encoding);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}
