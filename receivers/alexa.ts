import { certificateSignature, defineReceiver, listSetting } from "../src/receiver/index.ts";

/**
 * Alexa skills: RSA-SHA256 of the body in `Signature-256`, by a certificate made out to `echo-api.amazon.com`. The event is the
 * request's type with the intent's name. Without a handler's response the answer is an empty one in Alexa's form.
 */
export const alexa = defineReceiver({
  name: "alexa",
  title: "Amazon Alexa",
  docs: "https://developer.amazon.com/en-US/docs/alexa/custom-skills/host-a-custom-skill-as-a-web-service.html",
  category: "health, mobility, devices",
  confirmed: "documented",
  setup: "Enter the URL as the skill's HTTPS endpoint in the Alexa developer console, which shows the skill's id beside it.",
  secretName: "the skill's id, `amzn1.ask.skill.…`",
  eventNames: "`request.type` and the intent, such as `IntentRequest.OrderPizza`, `LaunchRequest` or `SessionEndedRequest`.",
  notes: [
    "Alexa signs for every skill, so only requests for the configured skills are taken.",
    "The older SHA-1 header `Signature` is not looked at.",
    "A handler answers with a response in Alexa's form, within eight seconds.",
    "Skill events, `AlexaSkillEvent.…`, may come up to an hour late; a skill that takes them wants `toleranceSeconds: 3600`.",
  ],
  settings: {
    issuers: listSetting({ about: "Root certificates in PEM for Alexa's own. Default: those that come with Node.js." }),
  },
  verify: ({ issuers }) =>
    certificateSignature({
      header: "Signature-256",
      recipient: { body: "context.System.application.applicationId" },
      timestamp: { body: "request.timestamp" },
      timeUnit: "iso",
      tolerance: { pastSeconds: 150, futureSeconds: 60 },
      certificateUrl: { header: "SignatureCertChainUrl" },
      certificate: {
        allowed: { hosts: ["s3.amazonaws.com"], path: /\/echo\.api\/[\w./-]+/ },
        subjectHost: "echo-api.amazon.com",
        trust: issuers.length > 0 ? { roots: issuers } : "system",
      },
    }),
  events: { joined: [{ body: "request.type" }, { body: "request.intent.name" }] },
  deliveryId: { body: "request.requestId" },
  sentAt: { from: { body: "request.timestamp" }, unit: "iso" },
  respond: { status: 200, headers: { "content-type": "application/json;charset=UTF-8" }, body: '{"version":"1.0","response":{}}' },
  refusal: { status: 400 },
  timeLimitMs: 8_000,
});
