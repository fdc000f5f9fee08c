import { type CatalogueDescription, describeReceiver } from "../../src/receiver/index.ts";
import type { CatalogueEntry } from "../receivers/catalogue.ts";

const command = "UPDATE_DOCS=1 npm test -- test/docs/providers";

/** The catalogue as data. */
export function describeCatalogue(catalogue: readonly CatalogueEntry[]): readonly CatalogueDescription[] {
  return catalogue.map(({ receiver, vectors }) => ({
    ...describeReceiver(receiver),
    vectors: vectors.map(({ origin, source, date }) => ({ origin, source, date })),
  }));
}

/** The text of `receivers/index.ts`. */
export function renderCatalogueModule(descriptions: readonly CatalogueDescription[]): string {
  return [
    `// Generated from the files beside it: ${command}`,
    'import type { CatalogueDescription } from "../src/receiver/index.ts";',
    "",
    "/** Every receiver of the catalogue as data, by slug. Importing it loads none of them. */",
    "export const receivers: readonly CatalogueDescription[] = [",
    ...descriptions.map((one) => `  ${JSON.stringify(one)},`),
    "];",
    "",
  ].join("\n");
}

/** The text of `docs/providers.md`. */
export function renderProvidersPage(descriptions: readonly CatalogueDescription[]): string {
  const categories = [...new Set(descriptions.map(({ category }) => category))].sort();
  const count = (test: (one: CatalogueDescription) => boolean): number => descriptions.filter(test).length;
  return [
    `<!-- Generated from receivers/: ${command} -->`,
    "",
    "# Providers",
    "",
    `${descriptions.length} receivers. Each is a module of its own, \`hookwright/receivers/<name>\`, and has a page that says how to set it up.`,
    "`hookwright/receivers` has the same facts as data:",
    "",
    "```ts",
    'import { receivers } from "hookwright/receivers";',
    "",
    'for (const { slug, title, scheme } of receivers.filter(({ category }) => category === "e-mail and marketing")) {',
    "  console.log(slug, title, scheme);",
    "}",
    "```",
    "",
    "How far each is confirmed:",
    "",
    "| | | receivers |",
    "| --- | --- | --- |",
    ...Object.entries(confirmations).map(
      ([key, text]) => `| ${key} | ${text} | ${count(({ confirmed }) => confirmed.some((one) => one === key))} |`,
    ),
    "",
    `The proof covers the body for ${count(({ bodyBound }) => bodyBound)} of them. For the others \`context.bodyBound\` is false: fetch the object from the`,
    "provider before acting on it.",
    ...categories.flatMap((category) =>
      renderCategory(
        category,
        descriptions.filter((one) => one.category === category),
      ),
    ),
    "",
  ].join("\n");
}

/** The text of `docs/providers/<slug>.md`. */
export function renderProviderPage(one: CatalogueDescription): string {
  const vectors = new Set(one.vectors.map(({ origin, source, date }) => `${origins[origin]} ${linkOf(source)}, ${date}`));
  return [
    `<!-- Generated from receivers/${one.slug}.ts: ${command} -->`,
    "",
    `# ${one.title}`,
    "",
    `${one.setup} [${one.title}'s documentation](${one.docs}).`,
    "",
    "```ts",
    ...usageOf(one),
    "```",
    "",
    "| | |",
    "| --- | --- |",
    ...factsOf(one).map(([name, text]) => `| ${name} | ${cell(text)} |`),
    ...(one.settings.length === 0 ? [] : settingsOf(one)),
    ...(one.notes.length === 0 ? [] : ["", "## To know", "", ...one.notes.map((note) => `- ${note}`)]),
    "",
    "## How it is tested",
    "",
    `Confirmed by ${one.confirmed.map((key) => confirmations[key]).join("; ")}. The requests that it is tested with:`,
    "",
    ...[...vectors].map((text) => `- ${text}`),
    "",
  ].join("\n");
}

const confirmations = {
  library: "running the provider's own library",
  vector: "reproducing an example that the provider published",
  verifier: "running an independent verifier",
  documented: "what the provider documents",
  known: "what is commonly known of the provider, and a second source",
};

const origins = { documented: "published:", library: "made with", computed: "computed after" };

function renderCategory(category: string, descriptions: readonly CatalogueDescription[]): readonly string[] {
  const rows = descriptions.map((one) => {
    const names = [one.slug, ...one.aliases].map((name) => `\`${name}\``).join(", ");
    const time = one.toleranceSeconds === undefined ? "no" : duration(one.toleranceSeconds);
    return `| [${one.title}](providers/${one.slug}.md) | ${names} | ${one.scheme} | ${one.bodyBound ? "yes" : "no"} | ${time} | ${one.deliveryIdSource ? "yes" : "no"} |`;
  });
  const title = category.charAt(0).toUpperCase() + category.slice(1);
  return [
    "",
    `## ${title}`,
    "",
    "| provider | receiver | proof | covers the body | oldest signed time | delivery id |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ];
}

function usageOf({ slug, exportName, settings, signsUrl }: CatalogueDescription): readonly string[] {
  const key = /^[a-z0-9]+$/.test(slug) ? slug : `"${slug}"`;
  const environment = slug.toUpperCase().replaceAll("-", "_");
  const required = settings.filter((setting) => setting.required).map(({ name, kind }) => `${name}: ${kind === "list" ? '["…"]' : '"…"'}`);
  return [
    `import { ${exportName} } from "hookwright/receivers/${slug}";`,
    "",
    "const webhooks = createWebhooks({",
    `  receivers: [${exportName}],`,
    `  secrets: { ${key}: process.env.${environment}_SECRET },`,
    ...(required.length === 0 ? [] : [`  settings: { ${key}: { ${required.join(", ")} } },`]),
    ...(signsUrl ? ['  publicUrl: "https://hooks.example.com",'] : []),
    "  handlers,",
    "});",
  ];
}

function factsOf(one: CatalogueDescription): readonly (readonly [string, string])[] {
  const { secret } = one;
  const length = secret.minBytes === secret.maxBytes ? `${secret.minBytes} bytes` : `${secret.minBytes} to ${secret.maxBytes} bytes`;
  const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  return [
    [
      "URL",
      `\`/api/webhooks/incoming/${one.slug}\`${one.aliases.length === 0 ? "" : `, also ${list(one.aliases)}`}; ${one.methods.join(" or ")}`,
    ],
    ["secret", `${secret.name}: ${secret.format}; ${length}${secret.isOptional ? "; the published one where none is configured" : ""}`],
    [
      "proof",
      [one.scheme, ...(one.fetchesKeys ? ["keys fetched from the provider"] : []), ...(one.signsUrl ? ["covers the URL"] : [])].join(", "),
    ],
    ...(one.headers.length === 0 ? [] : [["headers", list(one.headers)] as const]),
    ...(one.parameters.length === 0 ? [] : [["query parameters", list(one.parameters)] as const]),
    ["covers the body", one.bodyBound ? "yes" : "no, or not always: see `context.bodyBound`"],
    ["oldest signed time", one.toleranceSeconds === undefined ? "no time is checked" : duration(one.toleranceSeconds)],
    ["body", one.body.join(", ")],
    ["events", one.eventNames],
    ["delivery id", one.deliveryIdSource ?? "none, so a redelivery is not recognised"],
    ...(one.handshakes.length === 0 ? [] : [["handshakes", handshakesOf(one)] as const]),
    ...(one.timeLimitMs === undefined ? [] : [["waits for an answer", duration(one.timeLimitMs / 1000)] as const]),
  ];
}

function handshakesOf({ handshakes }: CatalogueDescription): string {
  const proofs = { none: "not signed by the provider", scheme: "after the proof", setup: "brings the secret, in a set-up window" };
  return [...new Set(handshakes.map(({ method, proof }) => `${method}, ${proofs[proof]}`))].join("; ");
}

function settingsOf({ slug, settings }: CatalogueDescription): readonly string[] {
  const rows = settings.map(({ name, kind, about, required, choices, ...rest }) => {
    const standard = required ? "required" : "default" in rest ? `\`${JSON.stringify(rest.default)}\`` : "";
    const values = choices ? choices.map((choice) => `\`"${choice}"\``).join(", ") : kind;
    return `| \`settings${/^[a-z0-9]+$/.test(slug) ? `.${slug}` : `["${slug}"]`}.${name}\` | ${values} | ${standard} | ${cell(about)} |`;
  });
  return ["", "## Settings", "", "| setting | values | default | |", "| --- | --- | --- | --- |", ...rows];
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${seconds / 60} minutes` : `${seconds / 3600} hours`;
}

function linkOf(source: string): string {
  return source.startsWith("https://") ? `<${source}>` : `\`${source}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
