import { choiceSetting, credential, defineReceiver } from "../src/receiver/index.ts";

/**
 * Prometheus Alertmanager: basic credentials, or, by setting, a bearer token, from the `http_config` of the webhook. The event is
 * the group's `status`.
 */
export const alertmanager = defineReceiver({
  name: "alertmanager",
  title: "Prometheus Alertmanager",
  docs: "https://prometheus.io/docs/alerting/latest/configuration/#webhook_config",
  category: "monitoring and dev tools",
  confirmed: "known",
  setup: "In `alertmanager.yml` add a receiver with `webhook_configs`: the `url`, and `basic_auth` or `authorization` under `http_config`.",
  secretName: 'user and password as `user:password`; with `authentication: "bearer"` the credentials',
  eventNames: "The body's `status`: `firing` or `resolved`. Each of `alerts` has one of its own.",
  notes: [
    "Authentication is confirmed by Red Hat's reference of `webhook_configs`, the payload by published samples of version 4.",
    "The credentials prove nothing of the body.",
    "There is no delivery id: `groupKey` names the group of alerts, and is the same in all of its notifications.",
    "Alertmanager tries again after 5xx only, so a refusal with 401 loses the notification.",
  ],
  settings: {
    authentication: choiceSetting(["basic", "bearer"], { about: "What `http_config` is set up to send.", default: "basic" }),
  },
  verify: ({ authentication }) => credential(authentication),
  events: { body: "status" },
});
