import { defineReceiver, ed25519, fixedAnswer, type HandshakeAnswer, type VerifiedRequest, valuesAt } from "../src/receiver/index.ts";

/**
 * Discord: Ed25519 with the application's public key. An interaction is `application_command` and also
 * `application_command.<name>`, `message_component` or `modal_submit`; a webhook event has its own name, such as
 * `APPLICATION_AUTHORIZED`, and no id. Pings of both kinds are answered after the proof, which Discord tests with wrong ones.
 */
export const discord = defineReceiver({
  name: "discord",
  title: "Discord",
  docs: "https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint",
  verify: ed25519({ header: "X-Signature-Ed25519", timestampHeader: "X-Signature-Timestamp", signed: "{timestamp}{body}" }),
  secretBytes: { min: 32, max: 32 },
  events: eventsOf,
  deliveryId: { body: "id" },
  handshakes: [{ proof: "scheme", method: "POST", answer: pingAnswer }],
  respond: { status: 204 },
  sample: sampleOf,
});

/** Interaction types by number, in Discord's own names. 1 is the ping. */
const interactions: Readonly<Record<number, string>> = {
  2: "application_command",
  3: "message_component",
  4: "application_command_autocomplete",
  5: "modal_submit",
};

function eventsOf({ data }: VerifiedRequest): readonly string[] {
  const [event] = valuesAt(data, "event.type");
  if (typeof event === "string") return [event];
  const [type] = valuesAt(data, "type");
  const name = typeof type === "number" ? interactions[type] : undefined;
  if (name === undefined) return [];
  const [command] = valuesAt(data, "data.name");
  return typeof command === "string" ? [name, `${name}.${command}`] : [name];
}

/** Type 0 is the ping of webhook events. Type 1 without an event is the ping of interactions; with one it is an event. */
function pingAnswer({ data }: VerifiedRequest): HandshakeAnswer | undefined {
  const [type] = valuesAt(data, "type");
  if (type === 0) return fixedAnswer(204);
  return type === 1 && valuesAt(data, "event").length === 0 ? fixedAnswer(200, { type: 1 }) : undefined;
}

function sampleOf(event: string | undefined, deliveryId: string) {
  if (event === undefined) return { body: { id: deliveryId } };
  const [name = "", command] = event.split(/\.(.*)/s);
  const interaction = Object.entries(interactions).find(([, known]) => known === name);
  if (interaction === undefined) return { body: { version: 1, type: 1, event: { type: event } } };
  return { body: { id: deliveryId, type: Number(interaction[0]), ...(command === undefined ? {} : { data: { name: command } }) } };
}
