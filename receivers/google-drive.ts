import { defineReceiver, ignoreWhenHeader, token } from "../src/receiver/index.ts";

/**
 * Google push channels (Drive, Calendar): the token of the channel in `X-Goog-Channel-Token`, all else in other headers, and
 * usually no body. The event is `X-Goog-Resource-State`. The first message of a channel, `sync`, is answered.
 */
export const googleDrive = defineReceiver({
  name: "google-drive",
  title: "Google Drive and Calendar",
  docs: "https://developers.google.com/workspace/drive/api/guides/push",
  category: "cloud and infrastructure",
  confirmed: "documented",
  setup: "Call the resource's `watch` method with the URL as `address` and a long random `token`; renew the channel before it expires.",
  secretName: "the channel's `token`",
  eventNames: "`X-Goog-Resource-State`: `add`, `update`, `trash`, `change` of Drive; `exists`, `not_exists` of Calendar.",
  notes: [
    "The channel token proves nothing but itself: the other headers are not bound to it, so fetch the change through the API.",
    "A message only says that something changed. What did, of a file, stands in `X-Goog-Changed`, such as `content,permissions`.",
    "Message numbers of a channel grow but are not consecutive.",
  ],
  verify: token({ header: "X-Goog-Channel-Token" }),
  secretBytes: { max: 256 },
  body: { kinds: ["json"], mayBeEmpty: true },
  events: { header: "X-Goog-Resource-State" },
  deliveryId: { joined: [{ header: "X-Goog-Channel-ID" }, { header: "X-Goog-Message-Number" }], separator: ":" },
  handshakes: [ignoreWhenHeader("X-Goog-Resource-State", "sync")],
  safeHeaders: ["X-Goog-Changed", "X-Goog-Resource-ID", "X-Goog-Resource-URI", "X-Goog-Channel-Expiration"],
});
