import { choiceSetting, credential, defineReceiver, headerSetting, hmac } from "../src/receiver/index.ts";

/**
 * Grafana alerting (a webhook contact point): HMAC-SHA256 of the body, or of time and body where a timestamp header is
 * configured on both sides. Basic credentials or a bearer token only where the settings say so. The event is the group's `status`.
 */
export const grafana = defineReceiver({
  name: "grafana",
  title: "Grafana alerting",
  docs: "https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/",
  category: "monitoring and dev tools",
  confirmed: "documented",
  setup: "Enter the URL in a contact point of the kind Webhook and set the HMAC secret under its optional settings (Grafana 12 and later).",
  secretName: "the contact point's HMAC secret; or its bearer credentials; or `user:password`",
  eventNames: "The body's `status`: `firing` or `resolved`.",
  notes: [
    "Without a timestamp header nothing stops a replay: configure one in Grafana and name it in the settings.",
    "Basic credentials and bearer tokens say nothing about the body.",
    "A custom payload without `status` has no event. There is no delivery id.",
  ],
  settings: {
    authentication: choiceSetting(["hmac", "basic", "bearer"], { about: "What the contact point is set up to send.", default: "hmac" }),
    signatureHeader: headerSetting({ about: "The contact point's HMAC header.", default: "X-Grafana-Alerting-Signature" }),
    timestampHeader: headerSetting({
      about: "The contact point's timestamp header, where it has one. The time is then signed too and must be recent.",
    }),
  },
  verify: ({ authentication, signatureHeader, timestampHeader }) => {
    if (authentication !== "hmac") return credential(authentication);
    return timestampHeader === undefined
      ? hmac({ header: signatureHeader })
      : hmac({ header: signatureHeader, timestampHeader, signed: "{timestamp}:{body}" });
  },
  methods: ["POST", "PUT"],
  events: { body: "status" },
  eventRequired: false,
  account: { body: "orgId" },
});
