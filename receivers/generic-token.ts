import { basic, defineReceiver, type LocalScheme, type Setting, type Source, textSetting, token } from "../src/receiver/index.ts";

const settings = {
  token: place(
    textSetting({
      about:
        "Where the token stands: `header:<name>`, `header:<name> <prefix>`, `query:<name>`, `body:<path>`, or `basic` for user and password.",
      default: "header:Authorization Bearer",
    }),
    /^(?:basic|header:[\w-]+(?: \S+)?|query:[^\s&=#]+|body:[^\s*]+)$/,
  ),
  event: place(
    textSetting({
      about: "Where the event stands: `header:<name>`, `query:<name>` or `body:<path>`. Without it every delivery is a `change`.",
    }),
  ),
  deliveryId: place(
    textSetting({
      about: "Where the id of a delivery stands, the same on a redelivery: `header:<name>`, `query:<name>` or `body:<path>`.",
    }),
  ),
};

/**
 * Any sender that sends a secret along, where the settings say: in a header, as bearer token or behind another prefix, in the
 * query, in the body, or as basic credentials. They also say where the event and the delivery id stand.
 */
export const genericToken = defineReceiver({
  name: "generic-token",
  title: "Generic token",
  docs: "https://www.rfc-editor.org/rfc/rfc6750",
  category: "standards",
  confirmed: "documented",
  setup: "Give the sender the URL and a long random token, and say under `settings` where it sends the token.",
  secretName: "the token, without its prefix; with `basic` user and password as `user:password`",
  eventNames: "What stands at the place that `event` names; `change` where it names none.",
  notes: [
    "A token proves nothing of the body, the event or the id: whoever sees one request can make others.",
    "In the query it ends up in access logs, and in the body handlers and queues see it: prefer a header.",
    "A place in the body is found in JSON and in forms.",
  ],
  settings,
  verify: ({ token: at }) => schemeAt(at),
  methods: ["POST", "PUT"],
  body: { kinds: ["json", "form", "xml", "text"], mayBeEmpty: true },
  events: { value: "change" },
  sources: ({ event, deliveryId }) => ({ events: sourceAt(event), deliveryId: sourceAt(deliveryId) }),
});

function place<T>(setting: Setting<T>, form = /^(?:header:[\w-]+|query:[^\s&=#]+|body:\S+)$/): Setting<T> {
  return {
    ...setting,
    faultOf: (value) => (typeof value === "string" && form.test(value) ? undefined : "expected a place, such as `header:X-Token`."),
  };
}

function schemeAt(at: string): LocalScheme<Buffer> {
  if (at === "basic") return basic();
  const [, kind, name = "", prefix] = /^(\w+):(\S+)(?: (\S+))?$/.exec(at) ?? [];
  if (kind === "query") return token({ parameter: name });
  return kind === "body" ? token({ field: name }) : token({ header: name, ...(prefix === undefined ? {} : { prefix: `${prefix} ` }) });
}

function sourceAt(at: string | undefined): Source | undefined {
  const [, kind, name = ""] = /^(header|query|body):(.+)$/.exec(at ?? "") ?? [];
  if (kind === undefined) return undefined;
  if (kind === "header") return { header: name };
  return kind === "query" ? { query: name } : { body: name };
}
