import { type ErrorCodeEntry, type ErrorFamily, errorCodes } from "hookwright";

const families: readonly { readonly family: ErrorFamily; readonly title: string; readonly text: string }[] = [
  {
    family: "request",
    title: "The sender of the request",
    text: "`RequestError`. Answered with the status shown. Logged at `info`; at `warn` a failed proof (401) and what is refused before the route is known; at `error` 503, but `overloaded` at `warn`: the first, then a count every five seconds.",
  },
  {
    family: "application",
    title: "The application",
    text: "`ApplicationError`. In a request it is answered with the status shown, so that the provider delivers again, and logged at `error` with its cause. A dash means that no request waits for the answer: the worker logs it.",
  },
  {
    family: "configuration",
    title: "The configuration",
    text: "`ConfigurationError`. Thrown to the caller: by `createWebhooks`, `routes`, `listen`, `start`, or the first use of the database.",
  },
];

/** The text of `docs/errors.md`. */
export function renderErrorsPage(): string {
  return [
    "<!-- Generated from src/error-codes.ts: UPDATE_DOCS=1 npm test -- test/docs/errors -->",
    "",
    "# Errors",
    "",
    "Everything that Hookwright throws extends `WebhookError`. It has a `code`, which never changes its meaning, an HTTP `status`, and where",
    "there is more to say a `cause` and a `hint`. Compare codes, not messages.",
    "",
    "The code and the hint of a refused request are logged. The provider is told less: every failed proof (401) is answered with the same",
    '`{"error":"unauthorized"}`, everything else with its code, as in `{"error":"too_large"}`. Only a `RejectDelivery` of yours and',
    "`https_required` also send their message.",
    ...families.flatMap(renderFamily),
    "",
  ].join("\n");
}

function renderFamily({ family, title, text }: (typeof families)[number]): readonly string[] {
  const rows = Object.entries<ErrorCodeEntry>(errorCodes).filter(([, entry]) => entry.family === family);
  const hasStatus = rows.some(([, { status }]) => status > 0);
  const head = hasStatus ? ["code", "status", "what is wrong", "what to do"] : ["code", "what is wrong", "what to do"];
  const body = rows.map(([code, { status, meaning, remedy }]) =>
    hasStatus ? [`\`${code}\``, status === 0 ? "–" : String(status), meaning, remedy] : [`\`${code}\``, meaning, remedy],
  );
  const lines = [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`);
  return ["", `## ${title}`, "", text, "", ...lines];
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
