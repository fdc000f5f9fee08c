import { defineReceiver, unproven } from "../src/receiver/index.ts";

/** Docker Hub: it proves nothing, so a secret of your own stands in the URL as `?code=…`. There is one event, `push`. */
export const dockerHub = defineReceiver({
  name: "docker-hub",
  title: "Docker Hub",
  docs: "https://docs.docker.com/docker-hub/repos/manage/webhooks/",
  category: "source control and CI",
  confirmed: "known",
  setup: "In the repository's tab Webhooks, create one with this URL and `?code=` and the secret.",
  secretName: "the secret in the URL",
  eventNames: "Always `push`; the tag is `push_data.tag`.",
  notes: [
    "Nothing proves the body: ask the registry for the tag before you act on it.",
    "Nothing is sent to `callback_url`, which Docker no longer supports. An application that does must check first that its host is `registry.hub.docker.com`.",
    "Confirmed by docker/docs, `docker-hub/repos/manage/webhooks.md`, and go-playground/webhooks.",
  ],
  verify: unproven(),
  events: { value: "push" },
  sentAt: { from: { body: "push_data.pushed_at" }, unit: "seconds" },
  account: { body: "repository.namespace" },
});
