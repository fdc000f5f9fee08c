import { readFileSync } from "node:fs";
import { mock } from "node:test";
import { parseArgs } from "node:util";
import type { ReceiverVector } from "../../src/testing/vector.ts";
import { loadOracles } from "./catalogue.ts";
import { sourceOf } from "./load.ts";
import { jsonBodies, type Oracle } from "./oracle.ts";

/**
 * Prints a vector that a package has signed, or that was computed by hand and that the vendor's package accepts:
 * `node test/oracles/make-vector.ts <slug> --body '{"type":"a.b"}'`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: "string", default: "a delivery" },
    package: { type: "string" },
    body: { type: "string" },
    file: { type: "string" },
    secret: { type: "string" },
    url: { type: "string" },
    id: { type: "string", default: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W" },
    now: { type: "string", default: "1700000000" },
    header: { type: "string", multiple: true, default: [] },
    date: { type: "string", default: new Date().toISOString().slice(0, 10) },
    list: { type: "boolean", default: false },
  },
});

const [slug] = positionals;
const makers = (await loadOracles()).filter(({ sign, compute }) => sign ?? compute);
const oracle = makers.find((one) => one.slug === slug && (values.package === undefined || one.package === values.package));
if (values.list) for (const one of makers) console.log(`${one.slug} ${one.package} ${one.sign ? "signs" : "accepts"}`);
else if (oracle === undefined) throw new Error(`No package here signs for ${slug}. --list shows those that do.`);
else console.log(JSON.stringify(await vectorOf(oracle), undefined, 2));

async function vectorOf(one: Oracle): Promise<ReceiverVector> {
  const now = Number(values.now);
  mock.timers.enable({ apis: ["Date"], now: now * 1000 });
  const bodies = typeof one.bodies === "function" ? one.bodies(now) : (one.bodies ?? jsonBodies);
  const given = values.file === undefined ? values.body : readFileSync(values.file, "utf8");
  const url = values.url ?? one.url ?? `https://example.test/api/webhooks/incoming/${one.slug}`;
  const body = given ?? bodies[0] ?? "";
  const secret = values.secret ?? one.secret;
  const sample = { url, body, secret: one.signingSecret ?? secret, now, deliveryId: values.id };
  const signed = one.sign ? await one.sign(sample) : one.compute?.(sample);
  const extra = values.header.map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const headers = {
    "content-type": one.contentType ?? "application/json",
    ...one.headers,
    ...Object.fromEntries(extra),
    ...signed?.headers,
  };
  const sent = { method: signed?.method ?? one.method ?? "POST", url: signed?.url ?? url, headers, body: signed?.body ?? body };
  const accepted = await one.accepts?.({ ...sent, body: Buffer.from(sent.body) }, secret);
  if (one.accepts && !accepted) throw new Error(`${one.package} does not accept it.`);
  return {
    name: values.name,
    origin: one.sign ? "library" : "computed",
    source: sourceOf(one.signedBy ?? one.package),
    date: values.date,
    ...(one.settings === undefined ? {} : { settings: one.settings }),
    secret,
    ...(one.signingSecret === undefined ? {} : { signingSecret: one.signingSecret }),
    now,
    ...sent,
  };
}
