import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { exportNameOf } from "../receiver/index.ts";

/** Where the files of a new receiver go. */
export interface NewProviderOptions {
  /** Default `receivers`. */
  readonly directory?: string;
  /** Module that the receiver imports from. Default: the source in this repository, `hookwright` elsewhere. */
  readonly importFrom?: string;
  /** The day, for the vector: `2026-11-23`. */
  readonly date: string;
}

/**
 * Writes a receiver and a first vector that passes the generic test, for the author to change into what the provider does.
 *
 * @returns the paths that were written.
 * @throws TypeError if the name is none, or a file is there already: nothing is overwritten.
 */
export function newProvider(slug: string, { directory = "receivers", importFrom, date }: NewProviderOptions): readonly string[] {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(slug) || slug === "index")
    throw new TypeError(`"${slug}" cannot be a receiver's name: it takes lower-case letters, digits and dashes, such as acme-pay.`);
  const files = [
    { path: join(directory, `${slug}.ts`), text: declaration(slug, importFrom ?? "hookwright") },
    { path: join(directory, `${slug}.json`), text: `${JSON.stringify([vector(slug, date)], null, 2)}\n` },
  ];
  const there = files.find(({ path }) => existsSync(path));
  if (there) throw new TypeError(`${there.path} is there already; nothing was written.`);
  mkdirSync(directory, { recursive: true });
  for (const { path, text } of files) writeFileSync(path, text, { flag: "wx" });
  return files.map(({ path }) => path);
}

function titleOf(slug: string): string {
  return slug.replace(/(^|-)([a-z0-9])/g, (_match, dash: string, letter: string) => `${dash && " "}${letter.toUpperCase()}`);
}

function declaration(slug: string, importFrom: string): string {
  const title = titleOf(slug);
  const header = `X-${title.replaceAll(" ", "-")}`;
  return `import { defineReceiver, hmac } from "${importFrom}";

/** ${title}: HMAC-SHA256 of the body in \`${header}-Signature\`. The event is \`${header}-Event\`. */
export const ${exportNameOf(slug)} = defineReceiver({
  name: "${slug}",
  title: "${title}",
  docs: "https://example.com/where-${slug}-documents-its-webhooks",
  category: "one of those in docs/providers.md",
  confirmed: "documented",
  setup: "Where at ${title} the URL is entered, and where the secret is found.",
  secretName: "the webhook's signing secret",
  eventNames: "The header \`${header}-Event\`, such as \`order.paid\`.",
  verify: hmac({ header: "${header}-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { header: "${header}-Event" },
  deliveryId: { header: "${header}-Delivery" },
});
`;
}

function vector(slug: string, date: string) {
  const header = `X-${titleOf(slug).replaceAll(" ", "-")}`;
  const secret = "It's a Secret to Everybody";
  const body = '{"total":5}';
  return {
    name: "an order is paid",
    origin: "computed",
    source: `https://example.com/where-${slug}-documents-its-webhooks`,
    date,
    secret,
    now: 1_700_000_000,
    method: "POST",
    url: `https://example.test/api/webhooks/incoming/${slug}`,
    headers: {
      "content-type": "application/json",
      [`${header}-Event`]: "order.paid",
      [`${header}-Delivery`]: "d-1",
      [`${header}-Signature`]: `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    },
    body,
    expected: { events: ["order.paid"], deliveryId: "d-1", data: { total: 5 } },
  };
}

/** \`npm run new-provider <slug>\`. */
function main(parameters: readonly string[]): number {
  const [slug, ...more] = parameters;
  if (slug === undefined || more.length > 0 || slug.startsWith("-")) {
    console.log(
      "npm run new-provider <name>\n\nWrites receivers/<name>.ts and receivers/<name>.json: a receiver and a first vector that pass the generic test.",
    );
    return slug === "--help" || slug === "-h" ? 0 : 2;
  }
  try {
    const paths = newProvider(slug, { importFrom: "../src/receiver/index.ts", date: new Date().toISOString().slice(0, 10) });
    for (const path of paths) console.log(`wrote ${relative(".", path).split(sep).join("/")}`);
    console.log(
      `\nNext: make both say what the provider does, then\n  HOOKWRIGHT_RECEIVERS=${slug} npm test -- test/receivers/vectors\n  UPDATE_DOCS=1 npm test -- test/docs/providers`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
