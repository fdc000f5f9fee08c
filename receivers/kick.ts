import { defineReceiver, failed, listSetting, rsa, unverifiedData, valuesAt } from "../src/receiver/index.ts";

const signed = rsa({
  header: "Kick-Event-Signature",
  timestampHeader: "Kick-Event-Message-Timestamp",
  timeUnit: "iso",
  signed: "{header:Kick-Event-Message-Id}.{timestamp}.{body}",
});

/** Kick: RSA with SHA-256 over id, time and body in `Kick-Event-Signature`, with Kick's published key. The event is `Kick-Event-Type`. */
export const kick = defineReceiver({
  name: "kick",
  title: "Kick",
  docs: "https://docs.kick.com/events/webhook-security",
  category: "social, media and creators",
  confirmed: "documented",
  setup: "In the account's developer settings, edit the app, enable webhooks and enter this URL; then subscribe to events with the API.",
  secretName: "Kick's public key, as PEM: by default the published one",
  eventNames: "`Kick-Event-Type`, such as `chat.message.sent` or `channel.followed`.",
  notes: [
    "The key signs for every app, and any app may subscribe to any channel, so a stranger can have Kick send here: name your channels in the settings, or look at `context.account`.",
    "The event's name stands in a header that is not signed.",
    "An app whose webhook fails for more than a day is unsubscribed. Kick names no tolerance for the signed time; five minutes is our choice.",
  ],
  settings: {
    broadcasters: listSetting({
      about: "The user ids of the channels that you follow. Where any are named, events of others are refused.",
    }),
  },
  verify: ({ broadcasters }) => ({
    ...signed,
    async verify(request, keys, context) {
      const proof = await signed.verify(request, keys, context);
      if (!proof.verified || broadcasters.length === 0) return proof;
      return broadcasters.includes(String(valuesAt(unverifiedData(request), "broadcaster.user_id")[0]))
        ? proof
        : failed("claim_mismatch", "The event is of a channel that the settings do not name.");
    },
  }),
  defaultSecret: `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq/+l1WnlRrGSolDMA+A8
6rAhMbQGmQ2SapVcGM3zq8ANXjnhDWocMqfWcTd95btDydITa10kDvHzw9WQOqp2
MZI7ZyrfzJuz5nhTPCiJwTwnEtWft7nV14BYRDHvlfqPUaZ+1KR4OCaO/wWIk/rQ
L/TjY0M70gse8rlBkbo2a8rKhu69RQTRsoaf4DVhDPEeSeI5jVrRDGAMGL3cGuyY
6CLKGdjVEM78g3JfYOvDU/RvfqD7L89TZ3iN94jrmWdGz34JNlEI5hqK8dd7C5EF
BEbZ5jgB8s8ReQV8H+MkuffjdAj3ajDDX3DOJMIut1lBrUVD1AaSrGCKHooWoL2e
twIDAQAB
-----END PUBLIC KEY-----`,
  events: { header: "Kick-Event-Type" },
  deliveryId: { header: "Kick-Event-Message-Id" },
  sentAt: { from: { header: "Kick-Event-Message-Timestamp" }, unit: "iso" },
  account: { body: "broadcaster.user_id" },
  safeHeaders: ["Kick-Event-Version", "Kick-Event-Subscription-Id"],
});
